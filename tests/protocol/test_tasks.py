"""The Tasks extension (SEP-2663): the same jobs, for requests that declare it, and no others."""

from typing import Any

import pytest

from core.access import Role
from jobs.models import Job
from jobs.running import Done, Ended
from jobs.services import turns
from pathbound_mcp.protocol.tasks import EXTENSION
from tests.protocol import samples
from tests.protocol.clients import LEGACY, MODERN, Connect, McpClient

pytestmark = pytest.mark.django_db

CAPABILITIES = "io.modelcontextprotocol/clientCapabilities"


def ask(client: McpClient, method: str, params: dict[str, Any], **sent: Any) -> Any:
    """A modern request that declares the extension."""
    declared = {**client.envelope, CAPABILITIES: {"extensions": {EXTENSION: {}}}}
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": declared}}
    return client.post(body, **sent)


def of_task(client: McpClient, verb: str, task_id: str, **sent: Any) -> Any:
    return ask(client, f"tasks/{verb}", {"taskId": task_id}, **{"Mcp_Name": task_id, **sent})


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


@pytest.mark.parametrize("version", [LEGACY, MODERN])
def test_who_declares_nothing_gets_the_job_s_id_and_no_task(connect: Connect, version: str) -> None:
    client = connect(version)
    result = client.call(samples.START).json()["result"]

    assert result["structuredContent"]["job_id"].startswith("job_")
    assert result.get("resultType") != "task"
    job_id = result["structuredContent"]["job_id"]
    for verb in ("get", "cancel"):
        answer = client.request(f"tasks/{verb}", {"taskId": job_id}, Mcp_Name=job_id).json()
        assert answer["error"]["code"] == -32601
    assert Job.objects.get().status == "queued"


def test_a_completed_task_carries_its_result_and_a_failed_one_its_error(client: McpClient) -> None:
    first, second = start(client)["taskId"], start(client, "ct_2")["taskId"]
    for task_id, outcome in ((first, Done({"n": 3})), (second, Ended("expired", "Too late."))):
        running = turns.claim(task_id)
        assert running
        turns.settle(running, outcome)

    done = of_task(client, "get", first).json()["result"]
    assert (done["status"], done["resultType"]) == ("completed", "complete")
    assert done["result"]["structuredContent"]["job"]["result"] == {"n": 3}
    failed = of_task(client, "get", second).json()["result"]
    assert (failed["status"], failed["error"]["message"]) == ("failed", "Too late.")


def test_a_cancelled_task_is_cancelled_at_once_and_may_be_again(client: McpClient) -> None:
    task_id = start(client)["taskId"]

    for _ in range(2):
        assert of_task(client, "cancel", task_id).json()["result"]["resultType"] == "complete"
    assert of_task(client, "get", task_id).json()["result"]["status"] == "cancelled"


@pytest.mark.parametrize("verb", ["get", "cancel"])
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
        answers.append(of_task(other, verb, asked).json()["error"])

    assert {error["code"] for error in answers} == {-32602}
    assert len({error["message"] for error in answers}) == 1
    assert Job.objects.get().status == "queued"


@pytest.mark.parametrize("name", ["job_01jd0000000000000000000000", ""])
def test_the_header_names_the_task(client: McpClient, name: str) -> None:
    task_id = start(client)["taskId"]

    answer = of_task(client, "cancel", task_id, Mcp_Name=name)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, -32020)
    assert Job.objects.get().status == "queued"
