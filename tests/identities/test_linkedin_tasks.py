"""A LinkedIn login as a task of the protocol: its code by a form, its password on its page."""

from typing import Any

import pytest

from core.access import Role, Scope
from fakes.unipile import CODE
from identities.models import LinkedinLogin
from jobs.models import Job
from jobs.queries.progress import standing_of
from oauth.models import Connection
from tests import factories
from tests.identities.linkedin import Flow
from tests.protocol.clients import MODERN, McpClient, token_for
from tests.protocol.test_tasks import of_task, update

BOTH: dict[str, Any] = {"form": {}, "url": {}}


def client_of(membership: Any, scopes: frozenset[Scope] = factories.ALL_SCOPES) -> McpClient:
    connection = Connection.objects.create(
        workspace=membership.workspace,
        user=membership.user,
        client_id="sample",
        client_name="Sample",
        redirect_host="app.example.test",
        scope=" ".join(scopes),
        role_ceiling=Role.ADMIN.value,
    )
    return McpClient(token_for(connection), MODERN)


@pytest.fixture
def client(flow: Flow) -> McpClient:
    return client_of(flow.team.alice)


def task_of(client: McpClient, flow: Flow, elicits: Any = BOTH) -> dict[str, Any]:
    answer = of_task(client, "get", flow.job_id, elicits=elicits)
    assert answer.status_code == 200
    task: dict[str, Any] = answer.json()["result"]
    return task


def asked(client: McpClient, flow: Flow, elicits: Any = BOTH) -> tuple[str, dict[str, Any]]:
    """The one request a task lists."""
    task = task_of(client, flow, elicits)
    assert task["status"] == "input_required"
    ((key, request),) = task["inputRequests"].items()
    assert request["method"] == "elicitation/create"
    return key, request["params"]


def hand_in(client: McpClient, flow: Flow, key: str, code: Any) -> Any:
    accepted = {"action": "accept", "content": {"code": code}}
    return update(client, flow.job_id, {key: accepted}, elicits=BOTH)


def test_a_wrong_code_then_the_right_one_by_tasks(flow: Flow, client: McpClient) -> None:
    flow.log_in("code")
    flow.work()
    first, params = asked(client, flow)
    assert (params["mode"], list(params["requestedSchema"]["properties"])) == ("form", ["code"])
    assert params["message"].startswith("LinkedIn requires a code")

    said = hand_in(client, flow, first, "111111").json()["result"]
    assert said.keys() <= {"resultType", "_meta"}
    assert task_of(client, flow)["status"] == "working"
    flow.work()

    second, params = asked(client, flow)
    assert second != first
    assert params["message"].endswith("Try again.")
    hand_in(client, flow, first, CODE)  # to the first request, which was answered
    assert asked(client, flow)[0] == second
    hand_in(client, flow, second, CODE)
    flow.work()
    flow.work()  # the login is connected; the job's last turn says so
    task = task_of(client, flow)
    assert (task["status"], task["result"]["isError"]) == ("completed", False)
    assert flow.status()["status"] == "connected"


def test_each_code_asked_for_again_has_a_key_of_its_own(
    flow: Flow, client: McpClient, provider: Any
) -> None:
    flow.log_in("code")
    flow.work()
    keys = [asked(client, flow)[0]]
    for _ in range(2):  # the provider is away: no try is counted
        provider.fault("/api/v1/accounts/checkpoint", "status", status=503)
        hand_in(client, flow, keys[-1], CODE)
        flow.work()
        keys.append(asked(client, flow)[0])

    assert len(set(keys)) == 3


def test_the_password_is_asked_for_on_the_page_alone_and_of_who_started_it(
    flow: Flow, client: McpClient
) -> None:
    flow.work()
    _, params = asked(client, flow)
    assert params["mode"] == "url"
    assert params["url"].endswith(f"/linkedin/{flow.job_id}/")
    assert "requestedSchema" not in params

    for other, elicits in ((client, {"form": {}}), (client_of(flow.team.ada), BOTH)):
        task = task_of(other, flow, elicits)
        assert task["status"] == "working"
        assert "inputRequests" not in task
        assert params["url"] in task["statusMessage"]


def test_a_password_sent_as_an_answer_is_not_taken(flow: Flow, client: McpClient) -> None:
    flow.work()
    key, _ = asked(client, flow)
    typed = {"action": "accept", "content": {"password": "secret-7f3a", "code": "246810"}}

    update(client, flow.job_id, {key: typed}, elicits=BOTH)

    login = LinkedinLogin.objects.get()
    assert (login.step, login.code) == ("credentials", "")


@pytest.mark.parametrize("code", ["", "12", "12 34 56", 246810, None, ["246810"], "a" * 13])
def test_a_code_that_is_none_is_refused_and_asked_again(
    flow: Flow, client: McpClient, code: Any
) -> None:
    flow.log_in("code")
    flow.work()
    key, _ = asked(client, flow)

    answer = hand_in(client, flow, key, code)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, -32602)
    assert asked(client, flow)[0] == key


def test_only_an_admin_with_the_scope_hands_a_code_in(flow: Flow, client: McpClient) -> None:
    flow.log_in("code")
    flow.work()
    key, _ = asked(client, flow)

    reader = client_of(flow.team.alice, frozenset({Scope.IDENTITIES_READ}))
    assert task_of(reader, flow)["status"] == "working"
    assert hand_in(reader, flow, key, CODE).status_code == 403
    for stranger in (flow.team.mia, flow.team.gil):
        assert hand_in(client_of(stranger), flow, key, CODE).json()["error"]["code"] == -32602
    assert LinkedinLogin.objects.get().step == "code"

    hand_in(client_of(flow.team.ada), flow, key, CODE)
    assert LinkedinLogin.objects.get().step == "checking"


def test_who_waits_for_a_login_waits_while_its_code_is_tried_and_no_longer(flow: Flow) -> None:
    def moves() -> bool:
        job = Job.objects.get()
        standing = standing_of(str(job.workspace_id), str(job.pk))
        assert standing is not None
        return standing.moves

    flow.work()
    assert not moves()  # the password is waited for
    flow.log_in("code")
    flow.work()
    assert not moves()  # the code is waited for
    flow.ask("submit_code", job_id=flow.job_id, code="111111")
    assert moves()
    flow.work()
    flow.work()
    assert not moves()
