"""The Tasks extension (SEP-2663): the same jobs, for requests that declare it, and no others."""

from dataclasses import replace
from typing import Any

import pytest
from mcp_types import ElicitRequest

from core.access import Role, Scope
from jobs import runners
from jobs.job_context import Done, Ended
from jobs.models import Job
from jobs.runners import Ask, Runner
from jobs.services import leases
from pathbound_mcp.protocol.tasks import EXTENSION
from tests.protocol import samples
from tests.protocol.clients import LEGACY, MODERN, Connect, McpClient

pytestmark = pytest.mark.django_db

CAPABILITIES = "io.modelcontextprotocol/clientCapabilities"


def ask(
    client: McpClient, method: str, params: dict[str, Any], elicits: Any = None, **sent: Any
) -> Any:
    """A modern request that declares the extension, and how its person can be asked."""
    capabilities: dict[str, Any] = {"extensions": {EXTENSION: {}}}
    if elicits is not None:
        capabilities["elicitation"] = elicits
    declared = {**client.envelope, CAPABILITIES: capabilities}
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": declared}}
    return client.post(body, **sent)


def of_task(
    client: McpClient, verb: str, task_id: str, more: dict[str, Any] | None = None, **sent: Any
) -> Any:
    params = {"taskId": task_id, **(more or {})}
    return ask(client, f"tasks/{verb}", params, **{"Mcp_Name": task_id, **sent})


def update(client: McpClient, task_id: str, responses: Any, **sent: Any) -> Any:
    more = {"inputResponses": responses}
    return of_task(client, "update", task_id, more, **{"elicits": {"form": {}}, **sent})


def start(client: McpClient, text: str = "ct_1") -> Any:
    answer = ask(client, "tools/call", {"name": samples.START, "arguments": {"text": text}})
    assert answer.status_code == 200
    return answer.json()["result"]


@pytest.fixture
def client(connect: Connect) -> McpClient:
    client: McpClient = connect(MODERN)
    return client


def test_the_server_says_that_it_has_tasks(client: McpClient) -> None:
    found = client.request("server/discover").json()["result"]

    assert found["capabilities"]["extensions"] == {EXTENSION: {}}


def test_a_call_that_starts_a_job_answers_with_a_task(client: McpClient) -> None:
    task = start(client)

    job = Job.objects.get()
    assert (task["resultType"], task["taskId"], task["status"]) == ("task", job.pk, "working")
    assert task["pollIntervalMs"] >= 5000
    assert task["statusMessage"] == "Waits."
    assert "structuredContent" not in task
    assert of_task(client, "get", task["taskId"]).json()["result"]["status"] == "working"


def test_a_call_that_starts_none_and_one_that_fails_answer_as_always(client: McpClient) -> None:
    said = ask(client, "tools/call", {"name": samples.ECHO, "arguments": {"text": "a"}}).json()
    assert said["result"]["structuredContent"]["text"] == "a"
    start(client)

    twice = start(client)
    assert twice["isError"]
    assert twice["resultType"] == "complete"


@pytest.mark.parametrize(("version", "code"), [(LEGACY, -32601), (MODERN, -32021)])
def test_who_declares_nothing_gets_the_job_s_id_and_no_task(
    connect: Connect, version: str, code: int
) -> None:
    client = connect(version)
    result = client.call(samples.START).json()["result"]

    assert result["structuredContent"]["job_id"].startswith("job_")
    assert result.get("resultType") != "task"
    job_id = result["structuredContent"]["job_id"]
    params = {"taskId": job_id, "inputResponses": {}}
    for verb in ("get", "update", "cancel"):
        error = client.request(f"tasks/{verb}", params, Mcp_Name=job_id).json()["error"]
        assert error["code"] == code
        if code == -32021:
            assert error["data"] == {"requiredCapabilities": {"extensions": {EXTENSION: {}}}}
    assert Job.objects.get().status == "queued"


def test_an_ended_task_carries_its_result_also_where_it_is_an_error(client: McpClient) -> None:
    first, second = start(client)["taskId"], start(client, "ct_2")["taskId"]
    for task_id, outcome in ((first, Done({"n": 3})), (second, Ended("expired", "Too late."))):
        running = leases.claim(task_id)
        assert running
        leases.finish(running, outcome)

    done = of_task(client, "get", first).json()["result"]
    assert (done["status"], done["resultType"]) == ("completed", "complete")
    assert done["result"]["structuredContent"]["job"]["result"] == {"n": 3}
    # `failed` is for errors of the protocol; a job's failure is the result of a call that failed.
    failed = of_task(client, "get", second).json()["result"]
    assert (failed["status"], failed["statusMessage"]) == ("completed", "Too late.")
    assert failed["result"]["isError"]
    assert failed["result"]["structuredContent"]["error"] == {
        "code": "expired",
        "message": "Too late.",
    }
    assert "error" not in failed


def test_a_cancelled_task_is_cancelled_at_once_and_may_be_again(client: McpClient) -> None:
    task_id = start(client)["taskId"]

    for _ in range(2):
        assert of_task(client, "cancel", task_id).json()["result"]["resultType"] == "complete"
    assert of_task(client, "get", task_id).json()["result"]["status"] == "cancelled"


@pytest.mark.parametrize("verb", ["get", "update", "cancel"])
def test_another_s_task_is_like_one_that_never_was(
    client: McpClient, connect: Connect, verb: str
) -> None:
    task_id = start(client)["taskId"]
    answers = []
    for other, asked in (
        (connect(MODERN, workspace="elsewhere", user="gil"), task_id),
        (connect(MODERN, user="bob", role=Role.MEMBER), task_id),
        (client, "job_01jd0000000000000000000000"),
        (client, "nonsense"),
    ):
        answers.append(of_task(other, verb, asked, {"inputResponses": {}}).json()["error"])

    assert {error["code"] for error in answers} == {-32602}
    assert len({error["message"] for error in answers}) == 1
    assert Job.objects.get().status == "queued"


@pytest.mark.parametrize("name", ["job_01jd0000000000000000000000", ""])
def test_the_header_names_the_task(client: McpClient, name: str) -> None:
    task_id = start(client)["taskId"]

    answer = of_task(client, "cancel", task_id, Mcp_Name=name)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, -32020)
    assert Job.objects.get().status == "queued"


@pytest.fixture
def asking(monkeypatch: pytest.MonkeyPatch) -> list[Ask]:
    """What jobs of the sample kind want, the last one of these."""
    wanted: list[Ask] = []
    runner = Runner("sample.long", lambda _: Done({}), "Long", asks=lambda _, __: wanted[-1])
    monkeypatch.setitem(runners._registry, "sample.long", runner)
    return wanted


TYPED = Ask("tone-1", "How?", operation="sample.tell", fields=("text",), url="https://a.example/1")
ON_A_PAGE = Ask("login-1", "Log in there.", url="https://a.example/1")
ACCEPTED = {"action": "accept", "content": {"text": "kindly"}}


@pytest.mark.parametrize("elicits", [{}, {"form": {}}, {"form": {}, "url": {}}])
def test_what_a_person_may_type_is_asked_by_a_form(
    client: McpClient, asking: list[Ask], elicits: Any
) -> None:
    task_id = start(client)["taskId"]
    asking.append(TYPED)

    task = of_task(client, "get", task_id, elicits=elicits).json()["result"]

    assert (task["resultType"], task["status"]) == ("complete", "input_required")
    field = {"type": "string", "maxLength": 2000, "description": "What to say", "default": ""}
    assert task["inputRequests"] == {
        "tone-1": {
            "method": "elicitation/create",
            "params": {
                "mode": "form",
                "message": "How?",
                "requestedSchema": {
                    "type": "object",
                    "properties": {"text": field},
                    "required": ["text"],
                },
            },
        }
    }
    ElicitRequest.model_validate(task["inputRequests"]["tone-1"])


@pytest.mark.parametrize("asked", [TYPED, ON_A_PAGE])
def test_a_client_that_opens_pages_only_is_sent_to_the_page(
    client: McpClient, asking: list[Ask], asked: Ask
) -> None:
    task_id = start(client)["taskId"]
    asking.append(asked)

    task = of_task(client, "get", task_id, elicits={"url": {}}).json()["result"]
    params = {"mode": "url", "message": asked.message, "url": "https://a.example/1"}
    assert task["inputRequests"][asked.key]["params"] == params
    said = update(client, task_id, {asked.key: {"action": "accept"}}, elicits={"url": {}})

    assert said.json()["result"]["resultType"] == "complete"
    assert Job.objects.get().message == "Waits."


@pytest.mark.parametrize(
    ("asked", "elicits"), [(TYPED, None), (ON_A_PAGE, None), (ON_A_PAGE, {"form": {}})]
)
def test_a_client_that_cannot_ask_so_is_told_in_words_only(
    client: McpClient, asking: list[Ask], asked: Ask, elicits: Any
) -> None:
    task_id = start(client)["taskId"]
    asking.append(asked)

    task = of_task(client, "get", task_id, elicits=elicits).json()["result"]

    assert (task["status"], task["statusMessage"]) == ("working", "Waits.")
    assert "inputRequests" not in task


def test_an_answer_goes_through_its_operation_once(client: McpClient, asking: list[Ask]) -> None:
    task_id = start(client)["taskId"]
    asking.append(TYPED)

    first = update(client, task_id, {"tone-1": ACCEPTED, "unheard": {"roots": []}})
    assert (first.status_code, first.json()["result"]["resultType"]) == (200, "complete")
    assert Job.objects.get().message == "kindly"

    asking.append(replace(TYPED, key="tone-2"))
    again = {"action": "accept", "content": {"text": "late"}}
    assert update(client, task_id, {"tone-1": again}).json()["result"]["resultType"] == "complete"
    assert Job.objects.get().message == "kindly"


@pytest.mark.parametrize("action", ["decline", "cancel"])
def test_a_refusal_changes_nothing(client: McpClient, asking: list[Ask], action: str) -> None:
    task_id = start(client)["taskId"]
    asking.append(TYPED)

    said = update(client, task_id, {"tone-1": {"action": action}})

    assert said.json()["result"]["resultType"] == "complete"
    assert Job.objects.get().message == "Waits."
    task = of_task(client, "get", task_id, elicits={}).json()["result"]
    assert task["status"] == "input_required"


@pytest.mark.parametrize(
    "responses",
    [
        None,
        [],
        "tone-1",
        {"tone-1": "kindly"},
        {"tone-1": {}},
        {"tone-1": {"action": "perhaps"}},
        {"tone-1": {"action": "accept", "content": "kindly"}},
        {"tone-1": {"action": "accept"}},
        {"tone-1": {"action": "accept", "content": {"text": 7}}},
        {"tone-1": {"action": "accept", "content": {"text": "x" * 2001}}},
    ],
)
def test_a_wrong_shape_is_refused_and_changes_nothing(
    client: McpClient, asking: list[Ask], responses: Any
) -> None:
    task_id = start(client)["taskId"]
    asking.append(TYPED)

    answer = update(client, task_id, responses)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, -32602)
    assert Job.objects.get().message == "Waits."


def test_without_the_scope_nothing_is_asked_and_an_answer_is_a_step_up(
    client: McpClient, connect: Connect, asking: list[Ask]
) -> None:
    task_id = start(client)["taskId"]
    asking.append(TYPED)
    reader = connect(MODERN, scopes=frozenset({Scope.CONTACTS_READ}))

    task = of_task(reader, "get", task_id, elicits={}).json()["result"]
    assert task["status"] == "working"
    answer = update(reader, task_id, {"tone-1": ACCEPTED})

    assert answer.status_code == 403
    assert "insufficient_scope" in answer["WWW-Authenticate"]
    assert Job.objects.get().message == "Waits."
