"""Connecting LinkedIn: by the page and by REST, against a fake server of the provider's API."""

import io
import json
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import Membership, Notice
from approvals.stopping import kill_switch
from core import clock, operations
from core.access import Scope
from core.errors import AppError, Conflict, Forbidden, NotFound
from fakes import unipile
from fakes.unipile import CODE, GONE_ACCOUNT, LOGGED_IN, WRONG_PASSWORD
from identities.models import Channel, LinkedinLogin, Step
from identities.models.connected import OK, PAUSED
from identities.providers.linkedin.unipile import Unipile
from jobs import execution
from jobs.models import Job
from tests import factories
from tests.api.conftest import key_of
from tests.fakes import Provider
from tests.identities.linkedin import Flow, channel, every_row
from tests.identities.providers import CANARY
from tests.identities.test_pages import browser
from tests.team import Team


def test_the_start_answers_at_once_with_a_page_and_how_to_poll(flow: Flow) -> None:
    started = flow.started

    assert started["status"] == "queued"
    assert started["login_url"].endswith(f"/linkedin/{flow.job_id}/")
    assert started["next_poll_seconds"] >= 5
    assert flow.work()["status"] == "awaiting_credentials"
    assert "linkedin_password" in flow.shown()


def test_a_plain_login_connects_the_sender_and_tells_the_other_admin(
    flow: Flow, provider: Provider
) -> None:
    flow.work()
    assert flow.log_in("plain").status_code == 302
    assert flow.status()["status"] == "connected"
    assert flow.work()["status"] == "connected"
    assert flow.status()["message"] == "LinkedIn is connected."

    row = channel()
    assert (row.state, row.identity_id) == (OK, flow.team.sender.pk)
    assert row.settings["account_id"].startswith(LOGGED_IN)
    assert row.settings["profile_name"] == "Mia Moss"
    assert Job.objects.get(pk=flow.job_id).result["channel"] == "linkedin"
    told = Notice.objects.get(kind="access")
    assert told.user_id == flow.team.ada.user_id
    assert told.facts["access"].startswith("LinkedIn")
    sent = json.loads(provider.lines("/api/v1/accounts")[-1]["body"])
    assert sent["country"] == "US"
    assert "connected" in flow.shown()


def test_the_country_is_passed_on(team: Team, provider: Provider) -> None:
    Flow(team, country="DE").log_in("plain")

    assert json.loads(provider.lines("/api/v1/accounts")[-1]["body"])["country"] == "DE"


def test_a_wrong_code_then_the_right_one(flow: Flow) -> None:
    flow.log_in("code")
    assert flow.work()["status"] == "code_required"
    assert 'name="code"' in flow.shown()

    wrong = flow.hand_in("111111")
    assert wrong["status"] == "code_required"
    assert "rejected the code" in wrong["message"]
    assert LinkedinLogin.objects.get().code == ""

    flow.hand_in(" 246 810 ")
    assert flow.work()["status"] == "connected"


def test_the_code_comes_by_the_tool_too(flow: Flow) -> None:
    with pytest.raises(Conflict, match="not need a code"):
        flow.ask("submit_code", job_id=flow.job_id, code=CODE)
    flow.log_in("code")

    assert flow.ask("submit_code", job_id=flow.job_id, code=CODE)["status"] == "running"
    kept = LinkedinLogin.objects.get()
    assert kept.step == Step.CHECKING
    assert CODE not in kept.code
    with pytest.raises(Conflict, match="not need a code"):
        flow.ask("submit_code", job_id=flow.job_id, code=CODE)

    flow.work()
    assert flow.work()["status"] == "connected"
    assert LinkedinLogin.objects.get().code == ""


def test_another_code_is_sent_on_demand(flow: Flow, provider: Provider) -> None:
    flow.log_in("code")

    flow.page.post(f"/linkedin/{flow.job_id}/resend/")

    assert provider.effects("/api/v1/accounts/checkpoint/resend")
    assert flow.status()["message"] == "Another code was sent."


def test_a_tap_in_the_app_is_waited_for(flow: Flow) -> None:
    flow.log_in("app")
    first = flow.work()
    assert first["status"] == "running"
    assert "the LinkedIn app" in first["message"]
    page = flow.shown()
    assert "on your phone" in page
    assert 'hx-trigger="every 2s"' in page
    assert execution.run_job(flow.job_id) is False  # it is not asked again at once

    Job.objects.filter(pk=flow.job_id).update(due_at=clock.now())
    flow.work()
    assert flow.work()["status"] == "connected"


def test_two_challenges_follow_each_other(flow: Flow) -> None:
    flow.log_in("twofactor")
    assert flow.hand_in(CODE)["status"] == "running"

    for _ in range(3):
        Job.objects.filter(pk=flow.job_id).update(due_at=clock.now())
        flow.work()
    assert flow.status()["status"] == "connected"


def test_a_wrong_password_may_be_typed_again_and_not_forever(flow: Flow) -> None:
    for _ in range(4):
        flow.log_in("plain", WRONG_PASSWORD)
        answer = flow.work()
        assert answer["status"] == "awaiting_credentials"
        assert "rejected" in answer["message"]
    flow.log_in("plain", WRONG_PASSWORD)

    assert flow.work()["status"] == "failed"
    assert not Channel.objects.exists()
    page = flow.log_in("plain")
    assert page.status_code == 409
    assert not Channel.objects.exists()


@pytest.mark.parametrize("word", ["captcha", "phone", "restricted"])
def test_what_cannot_be_done_here_fails_with_a_sentence(flow: Flow, word: str) -> None:
    flow.log_in(word)

    answer = flow.work()
    assert answer["status"] == "failed"
    assert "linkedin.com in a browser" in answer["message"]
    assert "Start again" in flow.shown()


def test_a_code_that_comes_too_late_begins_anew(flow: Flow) -> None:
    flow.log_in("late")

    answer = flow.hand_in(CODE)
    assert answer["status"] == "awaiting_credentials"
    assert "too late" in answer["message"]

    flow.log_in("plain")
    assert flow.work()["status"] == "connected"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "status", "status": 429, "retry_after": 9}, "asked us to slow down"),
        ({"kind": "status", "status": 500}, "sent an unexpected response"),
        ({"kind": "cut"}, "did not answer"),
        ({"kind": "half"}, "did not answer"),
    ],
)
def test_a_provider_that_cannot_now_may_be_asked_again(
    flow: Flow, provider: Provider, fault: dict[str, Any], words: str
) -> None:
    provider.fault("/api/v1/accounts$", **fault)
    flow.log_in("plain")

    answer = flow.work()
    assert answer["status"] == "awaiting_credentials"
    assert words in answer["message"]

    flow.log_in("plain")
    assert flow.work()["status"] == "connected"


def test_a_busy_provider_does_not_eat_the_code(flow: Flow, provider: Provider) -> None:
    flow.log_in("code")
    provider.fault("/checkpoint$", "status", status=429)

    assert flow.hand_in(CODE)["status"] == "code_required"

    flow.hand_in(CODE)
    assert flow.work()["status"] == "connected"


def test_the_longest_wait_is_respected(team: Team, provider: Provider) -> None:
    flow = Flow(team, max_verification_wait_time=60)
    login = LinkedinLogin.objects.get()
    assert login.expires_at - login.created_at == timedelta(seconds=60)
    past = clock.now() - timedelta(seconds=1)
    LinkedinLogin.objects.update(expires_at=past)

    page = flow.log_in("plain")
    assert page.status_code == 409
    answer = flow.work()
    assert answer["status"] == "expired"
    assert "next_poll_seconds" not in answer
    assert not Channel.objects.exists()


def test_a_cancelled_login_connects_nothing(flow: Flow) -> None:
    flow.log_in("code")
    flow.page.post(f"/linkedin/{flow.job_id}/cancel/")

    assert flow.status()["status"] == "cancelled"
    answer = flow.page.post(f"/linkedin/{flow.job_id}/code/", {"code": CODE})
    assert answer.status_code == 409
    assert not execution.run_job(flow.job_id)
    assert not Channel.objects.exists()


def test_a_login_cancelled_while_linkedin_was_asked_connects_nothing(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Unipile.log_in

    def cancelled_meanwhile(self: Any, *args: Any, **facts: Any) -> Any:
        answer = real(self, *args, **facts)
        op = operations.get("jobs.job.cancel")
        operations.submit(factories.person(flow.team.alice), op, {"job_id": flow.job_id})
        return answer

    monkeypatch.setattr(Unipile, "log_in", cancelled_meanwhile)

    assert flow.log_in("plain").status_code == 409
    assert not Channel.objects.exists()
    assert flow.status()["status"] == "cancelled"


def test_a_second_login_of_a_sender_names_the_first(flow: Flow) -> None:
    with pytest.raises(Conflict) as refusal:
        flow.ask("start", identity_id=str(flow.team.sender.pk))
    assert refusal.value.facts["job_id"] == flow.job_id


def test_two_tabs_log_in_once(flow: Flow, provider: Provider) -> None:
    LinkedinLogin.objects.update(step=Step.ASKING, busy_until=clock.now() + timedelta(seconds=50))
    before = len(provider.lines())

    assert flow.log_in("plain").status_code == 409
    assert len(provider.lines()) == before
    assert flow.work()["status"] == "running"

    LinkedinLogin.objects.update(busy_until=clock.now())  # its web process was killed
    Job.objects.update(due_at=clock.now())
    assert flow.work()["status"] == "awaiting_credentials"


def test_a_paused_account_is_connected_again_in_the_same_channel(
    team: Team, provider: Provider
) -> None:
    old = Channel.objects.create(
        workspace=team.place,
        identity=team.sender,
        kind="linkedin",
        settings={"account_id": unipile.ACCOUNT},
        state=PAUSED,
        created_at=clock.now(),
    )
    flow = Flow(team)
    flow.log_in("plain")
    assert flow.work()["status"] == "connected"

    row = channel()
    assert (row.pk, row.state, row.settings["account_id"]) == (old.pk, OK, unipile.ACCOUNT)
    assert provider.lines(f"/api/v1/accounts/{unipile.ACCOUNT}")


def test_an_account_that_is_gone_there_is_made_anew(team: Team, provider: Provider) -> None:
    Channel.objects.create(
        workspace=team.place,
        identity=team.sender,
        kind="linkedin",
        settings={"account_id": "acc_long_gone"},
        created_at=clock.now(),
    )
    flow = Flow(team)
    flow.log_in("plain")

    assert flow.work()["status"] == "connected"
    assert channel().settings["account_id"].startswith(LOGGED_IN)


def test_an_admin_who_became_a_member_connects_nothing(flow: Flow) -> None:
    flow.log_in("code")
    flow.ask("submit_code", job_id=flow.job_id, code=CODE)
    Membership.objects.filter(pk=flow.team.alice.pk).update(role="member")

    execution.run_job(flow.job_id)

    assert Job.objects.get(pk=flow.job_id).error["code"] == "forbidden"
    assert not Channel.objects.exists()


class TestWho:
    """Only its starter opens the page, only admins start one, only with the password."""

    def test_the_page_is_its_starter_s_alone(self, flow: Flow) -> None:
        for who in (flow.team.ada, flow.team.mia, flow.team.gil):
            client = browser(who, fresh=True)
            typed = {"linkedin_username": "plain@mail.example", "linkedin_password": CANARY}
            root = f"/linkedin/{flow.job_id}/"
            assert client.get(root).status_code in {403, 404}
            for what in ("credentials", "code", "resend", "cancel"):
                assert client.post(f"{root}{what}/", typed).status_code in {403, 404}, what
        assert not Channel.objects.exists()
        assert flow.status()["status"] == "queued"

    def test_without_a_fresh_login_the_password_of_ours_is_asked_for_first(
        self, flow: Flow, provider: Provider
    ) -> None:
        before = len(provider.lines())
        flow.page = browser(flow.team.alice)

        assert "linkedin_password" not in flow.shown()
        assert flow.log_in("plain").status_code == 403
        assert len(provider.lines()) == before

    def test_another_admin_sees_the_status_and_a_member_nothing(self, flow: Flow) -> None:
        op = operations.get("identities.linkedin.status")
        data = {"job_id": flow.job_id}
        ada = factories.app(flow.team.ada, factories.ALL_SCOPES)
        assert operations.submit(ada, op, data)["status"] == "queued"
        with pytest.raises(AppError):
            operations.submit(factories.app(flow.team.mia, factories.ALL_SCOPES), op, data)
        with pytest.raises(NotFound):
            operations.submit(flow.team.foreign_admin, op, data)

    def test_a_member_starts_none(self, team: Team, provider: Provider) -> None:
        op = operations.get("identities.linkedin.start")
        with pytest.raises(Forbidden):
            operations.submit(factories.person(team.mia), op, {"identity_id": str(team.sender.pk)})
        assert not Job.objects.exists()

    def test_a_stopped_workspace_logs_nobody_in(self, flow: Flow, provider: Provider) -> None:
        kill_switch.stop(factories.person(flow.team.alice), "a fire")
        before = len(provider.lines())

        assert flow.log_in("plain").status_code == 503
        assert len(provider.lines()) == before
        assert not execution.run_job(flow.job_id)


class TestRest:
    """The same by REST, with the credentials in the request where a program has them."""

    @pytest.fixture
    def send(self, team: Team, provider: Provider) -> Any:
        key = key_of(team.alice, Scope.IDENTITIES_WRITE)
        client = Client(headers={"host": "127.0.0.1", "authorization": f"Bearer {key}"})
        root = f"/v1/identities/{team.sender.pk}/linkedin"

        def request(method: str, path: str, body: Any = None, **headers: str) -> Any:
            return client.generic(
                method,
                f"{root}/{path}",
                json.dumps(body or {}) if method == "POST" else "",
                content_type="application/json",
                headers=headers,
            )

        return request

    def test_without_credentials_a_page_is_named(self, send: Any) -> None:
        answer = send("POST", "login")

        assert answer.status_code == 202
        body = answer.json()
        assert (body["status"], body["outcome"]) == ("success", "queued")
        assert body["login_url"].endswith(f"/linkedin/{body['session_id']}/")
        polled = send("GET", f"status/{body['session_id']}").json()
        assert polled["outcome"] == "queued"
        path = f"/v1/identities/{body['identity_id']}/linkedin/status/{body['session_id']}"
        assert body["poll_with"] == polled["poll_with"] == f"GET {path}"
        assert send("GET", f"status/{body['session_id']}").status_code == 200

    def test_with_credentials_and_a_code(self, send: Any) -> None:
        typed = {"username": "code@mail.example", "password": CANARY}
        body = send("POST", "login", typed).json()
        assert body["outcome"] == "code_required", body

        code = send("POST", f"code/{body['session_id']}", {"code": CODE})
        assert code.json()["outcome"] == "running"
        execution.run_job(body["job_id"])
        assert send("GET", f"status/{body['session_id']}").json()["outcome"] == "connected"

    @pytest.mark.parametrize("typed", [{"username": "code@mail.example"}, {"password": CANARY}])
    def test_half_of_the_credentials_is_refused(self, send: Any, typed: Any) -> None:
        answer = send("POST", "login", typed)

        assert answer.status_code == 400
        assert CANARY not in answer.content.decode()
        assert not Job.objects.exists()

    def test_a_retry_logs_in_once(self, send: Any, provider: Provider) -> None:
        typed = {"username": "code@mail.example", "password": CANARY}
        key = {"Idempotency-Key": "a-1"}
        first = send("POST", "login", typed, **key).json()
        asked = len(provider.lines("/api/v1/accounts"))
        second = send("POST", "login", typed, **key).json()

        assert second["replayed"]
        assert second["session_id"] == first["session_id"]
        assert len(provider.lines("/api/v1/accounts")) == asked

    def test_another_sender_s_path_finds_no_login(self, send: Any, team: Team) -> None:
        session = send("POST", "login").json()["session_id"]
        other = factories.sender(team.place)
        key = key_of(team.alice, Scope.IDENTITIES_WRITE)
        client = Client(headers={"host": "127.0.0.1", "authorization": f"Bearer {key}"})

        found = client.get(f"/v1/identities/{other.pk}/linkedin/status/{session}")

        assert found.status_code == 404

    def test_the_connection_is_checked(self, send: Any, team: Team) -> None:
        assert send("GET", "check").json()["outcome"] == "not_connected"
        send("POST", "login", {"username": "plain@mail.example", "password": CANARY})

        assert send("GET", "check").json()["outcome"] == "connected"

        Channel.objects.update(settings={"account_id": GONE_ACCOUNT})
        found = send("GET", "check").json()
        assert found["outcome"] == "disconnected"
        assert channel().state == PAUSED


def test_a_provider_that_is_silent_leaves_the_state_unclear(flow: Flow, provider: Provider) -> None:
    flow.log_in("plain")
    provider.fault("/api/v1/accounts/acc", "status", status=500)

    found = flow.ask("check", identity_id=str(flow.team.sender.pk))

    assert found["status"] == "unclear"
    assert channel().state == "failing"


def test_without_a_provider_it_says_who_sets_one_up(team: Team, settings: Any) -> None:
    settings.UNIPILE_API_URL = ""
    with pytest.raises(Conflict, match="not configured"):
        Flow(team)


def test_the_password_is_nowhere_but_at_the_provider(
    flow: Flow, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.DEBUG)
    try:
        flow.log_in("plain", WRONG_PASSWORD)
        pages = [flow.log_in("code").content.decode(), flow.shown()]
        pages += [str(flow.hand_in("111111")), str(flow.hand_in(CODE)), flow.shown()]
    finally:
        logging.getLogger().removeHandler(handler)
    assert channel().state == OK

    said = heard.getvalue() + caplog.text + "".join(pages)
    said += "".join(str(session.get_decoded()) for session in Session.objects.all())
    said += every_row()
    for secret in (CANARY, WRONG_PASSWORD):
        assert secret not in said
    assert "code@mail.example" not in said
    assert f'"{CODE}"' not in said
    # The fake server did get it: what is looked for above was really sent.
    assert [line["status"] for line in provider.lines("/api/v1/accounts")][-2:] == [401, 202]


def test_the_sender_s_page_leads_there(team: Team, provider: Provider) -> None:
    client = browser(team.alice, fresh=True)
    root = f"/settings/senders/{team.sender.pk}/"
    assert "Connect LinkedIn" in client.get(root).content.decode()

    first = client.post(f"{root}linkedin/")
    again = client.post(f"{root}linkedin/")
    assert first["Location"] == again["Location"]
    typed = {"linkedin_username": "plain@mail.example", "linkedin_password": CANARY}
    client.post(f"{first['Location']}credentials/", typed)

    page = client.get(root).content.decode()
    assert "Reconnect LinkedIn" in page
    assert "Mia Moss" in page
    answer = client.post(f"{root}linkedin/check/", follow=True).content.decode()
    assert "LinkedIn: Works." in answer


def test_a_file_of_the_fake_server_keeps_no_password(flow: Flow, provider: Provider) -> None:
    flow.log_in("plain")

    assert CANARY not in Path(provider.log).read_text()
