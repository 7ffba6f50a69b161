"""Login on the provider's page, and the limits of its unsigned callback."""

import copy
import json
import logging
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import Membership, Notice
from approvals.stopping import kill_switch
from core import clock
from core.models import AuditEntry
from fakes.unipile import ACCOUNT, LAPSED, LOGGED_IN, MAILBOX
from identities.models import Channel, LinkedinLogin, Step
from identities.models.connected import OK, PAUSED
from identities.providers.linkedin.login import hosted
from jobs import execution
from jobs.models import Job
from tests import factories
from tests.fakes import Provider
from tests.identities.linkedin import Flow, channel, every_row
from tests.identities.test_pages import browser
from tests.team import Team

LINK = "/api/v1/hosted/accounts/link"


class Visit:
    """A way to the provider's page: its link, the call that was asked for, and its buttons."""

    def __init__(self, flow: Flow, provider: Provider) -> None:
        self.login = LinkedinLogin.objects.get(job_id=flow.job_id)
        self.answer = flow.page.get(f"/linkedin/{flow.job_id}/there/")
        assert self.answer.status_code == 302, self.answer.content
        self.asked = json.loads(provider.lines(LINK)[-1]["body"])
        where = urlsplit(self.asked["notify_url"])
        self.path, self.secret = where.path, parse_qs(where.query)["secret"][0]
        self.provider = provider

    def press(self, button: str) -> str:
        """Submits a button of the page; returns the account that logged in."""
        page = self.answer["Location"]
        answer = httpx.post(page, data={"do": button}, trust_env=False)
        assert answer.status_code in {200, 302}, answer.text
        effects = self.provider.effects(urlsplit(page).path)
        return str(effects[-1]["connected"]) if effects else ""

    def report(
        self, account: str, *, secret: str | None = None, path: str = "", **changes: Any
    ) -> Any:
        """The provider's call, as its documentation has it."""
        said = {"status": "CREATION_SUCCESS", "account_id": account, "name": str(self.login.pk)}
        return call(
            f"{path or self.path}?secret={self.secret if secret is None else secret}",
            json.dumps({**said, **changes}).encode(),
        )


def call(url: str, body: bytes) -> Any:
    stranger = Client(enforce_csrf_checks=True, headers={"host": "127.0.0.1"})
    return stranger.post(url, body, content_type="application/json")


@pytest.fixture
def visit(flow: Flow, provider: Provider) -> Visit:
    return Visit(flow, provider)


def due(flow: Flow) -> dict[str, Any]:
    """Another look of the worker's, now."""
    Job.objects.filter(pk=flow.job_id).update(due_at=clock.now())
    return flow.work()


def connected_before(team: Team, account: str, state: str = PAUSED) -> Channel:
    return Channel.objects.create(
        workspace=team.place,
        identity=team.sender,
        kind="linkedin",
        settings={"account_id": account},
        state=state,
        created_at=clock.now(),
    )


def test_the_link_is_asked_for_as_documented(flow: Flow, visit: Visit, provider: Provider) -> None:
    login, ours = visit.login, "http://127.0.0.1:9"

    assert visit.answer["Location"].startswith(f"{provider.origin}/hosted/")
    assert visit.asked == {
        "type": "create",
        "providers": ["LINKEDIN"],
        "api_url": provider.origin,
        "expiresOn": clock.iso(login.expires_at),
        "name": str(login.pk),
        "notify_url": f"{ours}/webhooks/unipile/{login.pk}/?secret={visit.secret}",
        "success_redirect_url": f"{ours}/linkedin/{flow.job_id}/there/done/",
        "failure_redirect_url": f"{ours}/linkedin/{flow.job_id}/there/failed/",
    }
    assert len(visit.secret) >= 43
    status = flow.work()
    assert (status["status"], status["message"]) == ("awaiting_credentials", hosted.AWAY)
    assert status["login_url"].endswith(f"/linkedin/{flow.job_id}/")
    assert AuditEntry.objects.filter(verb="identities.linkedin.visit").exists()


def test_a_login_there_connects_the_sender_and_tells_the_other_admin(
    flow: Flow, visit: Visit
) -> None:
    flow.work()
    account = visit.press("login")
    assert not execution.run_job(flow.job_id)  # nothing is requested before a report

    answer = visit.report(account)

    assert (answer.status_code, answer.content) == (200, b"")
    assert flow.status()["status"] == "running"
    flow.work()
    assert flow.work()["status"] == "connected"
    row = channel()
    assert (row.state, row.settings["account_id"]) == (OK, account)
    assert row.settings["profile_name"] == "Mia Moss"
    assert row.identity_id == flow.team.sender.pk
    assert Notice.objects.get(kind="access").user_id == flow.team.ada.user_id
    assert LinkedinLogin.objects.get().callback_digest == ""


def test_a_wrong_password_there_stays_there(flow: Flow, visit: Visit) -> None:
    assert visit.press("wrong") == ""
    assert flow.work()["status"] == "awaiting_credentials"

    visit.report(visit.press("login"))
    flow.work()
    assert flow.work()["status"] == "connected"


def test_an_account_of_before_is_connected_again_without_any_report(
    team: Team, provider: Provider
) -> None:
    account = f"{LAPSED}quiet"
    old = connected_before(team, account)
    flow = Flow(team)
    visit = Visit(flow, provider)
    assert (visit.asked["type"], visit.asked["reconnect_account"]) == ("reconnect", account)
    assert "providers" not in visit.asked
    assert flow.work()["status"] == "awaiting_credentials"
    assert channel().state == PAUSED

    visit.press("silent")
    due(flow)

    assert flow.work()["status"] == "connected"
    assert (channel().pk, channel().state, channel().settings["account_id"]) == (
        old.pk,
        OK,
        account,
    )


def test_a_report_about_another_account_than_the_one_of_before_is_not_followed(
    team: Team, provider: Provider
) -> None:
    account = f"{LAPSED}mine"
    connected_before(team, account)
    flow = Flow(team)
    visit = Visit(flow, provider)

    assert visit.report(ACCOUNT, status="RECONNECTED").status_code == 200

    assert flow.work()["status"] == "running"
    assert channel().settings["account_id"] == account
    assert channel().state == PAUSED


def test_an_account_that_is_gone_there_is_made_anew(team: Team, provider: Provider) -> None:
    connected_before(team, "acc_long_gone")
    flow = Flow(team)
    visit = Visit(flow, provider)
    assert visit.asked["type"] == "create"

    account = visit.press("login")
    visit.report(account)
    flow.work()

    assert channel().settings["account_id"] == account


def test_without_a_report_the_page_says_why_it_waits_and_the_end_too(
    flow: Flow, visit: Visit
) -> None:
    visit.press("silent")
    back = flow.page.get(f"/linkedin/{flow.job_id}/there/done/", follow=True).content.decode()
    assert "report is waited for" in back
    assert "log in here instead" in flow.status()["message"]

    LinkedinLogin.objects.update(expires_at=clock.now())
    answer = due(flow)

    assert answer["status"] == "expired"
    assert answer["message"] == hosted.UNREPORTED
    assert not Channel.objects.exists()


@pytest.mark.parametrize("way", ["there/failed/", "here/"])
def test_who_comes_back_without_a_login_types_it_here(flow: Flow, visit: Visit, way: str) -> None:
    client = flow.page
    root = f"/linkedin/{flow.job_id}/"
    answer = client.get(root + way) if "failed" in way else client.post(root + way)

    assert answer["Location"] == root
    assert "linkedin_password" in flow.shown()
    assert visit.report(visit.press("login")).status_code == 404
    flow.log_in("plain")
    assert flow.work()["status"] == "connected"
    assert client.get(f"{root}there/failed/").status_code in {302, 409}
    assert flow.status()["status"] == "connected"


def test_the_page_is_live_and_loses_nothing_typed(flow: Flow, visit: Visit) -> None:
    page = flow.shown()

    assert 'hx-trigger="every 2s"' in page
    assert "linkedin_password" not in page
    assert "Reopen the provider" in page


def test_on_a_loopback_address_a_new_account_is_not_offered(
    team: Team, provider: Provider, settings: Any
) -> None:
    settings.UNIPILE_CALLS_BACK = False
    flow = Flow(team)
    root, before = f"/linkedin/{flow.job_id}/", len(provider.lines())

    assert "/there/" not in flow.shown()
    answer = flow.page.get(f"{root}there/")
    assert answer.status_code == 409
    assert "loopback" in answer.content.decode()
    assert len(provider.lines()) == before

    connected_before(team, f"{LAPSED}local")  # which needs no report
    assert f"{root}there/" in flow.shown()
    assert flow.page.get(f"{root}there/").status_code == 302


@pytest.mark.parametrize(
    "fault",
    [{"kind": "status", "status": 500}, {"kind": "status", "status": 429}, {"kind": "cut"}],
)
def test_a_provider_that_gives_no_link_leaves_the_form(
    flow: Flow, provider: Provider, fault: dict[str, Any]
) -> None:
    provider.fault(LINK, **fault)

    answer = flow.page.get(f"/linkedin/{flow.job_id}/there/")

    assert answer.status_code in {429, 503}
    assert "linkedin_password" in answer.content.decode()
    assert LinkedinLogin.objects.get().step == Step.CREDENTIALS
    flow.log_in("plain")
    assert flow.work()["status"] == "connected"


def test_a_silent_provider_is_asked_again_until_it_answers(
    flow: Flow, visit: Visit, provider: Provider
) -> None:
    account = visit.press("login")
    visit.report(account)
    provider.fault(f"/api/v1/accounts/{account}", "status", status=500)

    assert flow.work()["status"] == "running"
    due(flow)
    assert flow.work()["status"] == "connected"


class TestWho:
    """The provider's page is its starter's way, with the password."""

    def test_nobody_else_goes_there_or_comes_back(self, flow: Flow, visit: Visit) -> None:
        root = f"/linkedin/{flow.job_id}/"
        before = LinkedinLogin.objects.values().get()
        for who in (flow.team.ada, flow.team.mia, flow.team.gil):
            client = browser(who, fresh=True)
            for way in ("there/", "there/done/", "there/failed/"):
                assert client.get(root + way).status_code in {403, 404}, way
            assert client.post(f"{root}here/").status_code in {403, 404}
        assert LinkedinLogin.objects.values().get() == before

    def test_without_a_fresh_login_nobody_is_sent_there(
        self, flow: Flow, provider: Provider
    ) -> None:
        before = len(provider.lines())
        flow.page = browser(flow.team.alice)

        assert "/there/" not in flow.shown()
        assert flow.page.get(f"/linkedin/{flow.job_id}/there/").status_code == 403
        assert len(provider.lines()) == before

    def test_a_stopped_workspace_sends_nobody_there(self, flow: Flow, provider: Provider) -> None:
        kill_switch.stop(factories.person(flow.team.alice), "a fire")
        before = len(provider.lines())

        assert flow.page.get(f"/linkedin/{flow.job_id}/there/").status_code == 503
        assert len(provider.lines()) == before

    def test_an_admin_who_became_a_member_connects_nothing(self, flow: Flow, visit: Visit) -> None:
        visit.report(visit.press("login"))
        Membership.objects.filter(pk=flow.team.alice.pk).update(role="member")

        execution.run_job(flow.job_id)

        assert Job.objects.get(pk=flow.job_id).error["code"] == "forbidden"
        assert not Channel.objects.exists()


class TestForgery:
    """Unauthenticated requests to the address for reports."""

    @pytest.mark.parametrize("secret", ["", "x", "A" * 43, "ä", "\x00"])
    def test_without_the_secret_nothing_is_said_and_nothing_happens(
        self, flow: Flow, visit: Visit, secret: str
    ) -> None:
        account, before = visit.press("login"), LinkedinLogin.objects.values().get()

        answer = visit.report(account, secret=secret)
        nobody_s = visit.report(account, path="/webhooks/unipile/lgn_nobody/")

        assert answer.status_code == nobody_s.status_code == 404
        assert answer.content == nobody_s.content
        assert call(visit.path, b"{}").status_code == 404
        assert LinkedinLogin.objects.values().get() == before

    def test_a_login_without_a_visit_has_no_secret(self, flow: Flow) -> None:
        login = LinkedinLogin.objects.get()
        for secret in ("", "?secret="):
            assert call(f"/webhooks/unipile/{login.pk}/{secret}", b"{}").status_code == 404

    def test_another_login_s_secret_counts_for_that_one_only(
        self, team: Team, provider: Provider
    ) -> None:
        mine, other = Flow(team), Flow(elsewhere(team))
        here, there = Visit(mine, provider), Visit(other, provider)
        account = here.press("login")

        assert here.report(account, secret=there.secret).status_code == 404
        assert there.report(account, name=str(here.login.pk)).status_code == 404
        assert (
            not execution.run_job(mine.job_id) or mine.status()["status"] == "awaiting_credentials"
        )
        assert not Channel.objects.exists()

    def test_an_earlier_visit_s_secret_counts_no_more(
        self, flow: Flow, visit: Visit, provider: Provider
    ) -> None:
        again = Visit(flow, provider)
        account = again.press("login")

        assert visit.report(account).status_code == 404
        assert again.report(account).status_code == 200

    def test_a_report_counts_once(self, flow: Flow, visit: Visit) -> None:
        account = visit.press("login")
        assert visit.report(account).status_code == 200
        assert visit.report(ACCOUNT).status_code == 404
        assert LinkedinLogin.objects.get().account_id == account
        flow.work()
        flow.work()
        before = every_row()

        assert visit.report(account).status_code == 404
        assert visit.report(ACCOUNT).status_code == 404
        assert not execution.run_job(flow.job_id)
        assert every_row() == before

    def test_an_account_of_another_workspace_stays_there(
        self, team: Team, provider: Provider
    ) -> None:
        theirs, mine = Flow(elsewhere(team)), Flow(team)
        visit = Visit(mine, provider)
        theirs.log_in("plain")  # after the visit began, so its account is young enough
        theirs.work()
        account = channel().settings["account_id"]
        before = Channel.objects.values().get()

        assert visit.report(account).status_code == 200
        answer = mine.work()

        assert answer["status"] == "awaiting_credentials"
        assert answer["message"] == hosted.NOT_THIS
        assert Channel.objects.values().get() == before

    def test_of_two_logins_that_name_one_account_its_own_is_not_robbed(
        self, team: Team, provider: Provider
    ) -> None:
        mine, theirs = Flow(team), Flow(elsewhere(team))
        visit, robber = Visit(mine, provider), Visit(theirs, provider)
        account = visit.press("login")
        visit.report(account)
        robber.report(account)

        assert theirs.work()["message"] == hosted.NOT_THIS

        assert not Channel.objects.exclude(identity=team.sender).exists()

    @pytest.mark.parametrize(
        "account",
        ["acc_nobody", ACCOUNT, f"{LAPSED}old", f"{MAILBOX}1", f"{LOGGED_IN}before"],
        ids=["unknown", "old", "lapsed", "a mailbox", "of an earlier login"],
    )
    def test_an_account_that_is_not_this_visit_s_is_not_taken(
        self, flow: Flow, visit: Visit, account: str
    ) -> None:
        assert visit.report(account).status_code == 200

        answer = flow.work()

        assert answer["status"] == "awaiting_credentials"
        assert answer["message"] == hosted.NOT_THIS
        assert not Channel.objects.exists()
        assert LinkedinLogin.objects.get().account_id == ""
        flow.log_in("plain")  # the person may still log in
        assert flow.work()["status"] == "connected"

    @pytest.mark.parametrize("over", ["cancelled", "expired", "failed"])
    def test_a_login_that_is_over_takes_nothing(self, flow: Flow, visit: Visit, over: str) -> None:
        account = visit.press("login")
        if over == "cancelled":
            flow.page.post(f"/linkedin/{flow.job_id}/cancel/")
        elif over == "expired":
            LinkedinLogin.objects.update(expires_at=clock.now())
        else:
            Job.objects.update(
                status="failed", error={"code": "unavailable"}, finished_at=clock.now()
            )
        before = LinkedinLogin.objects.values().get()

        assert visit.report(account).status_code == 404

        assert LinkedinLogin.objects.values().get() == before
        execution.run_job(flow.job_id)
        assert not Channel.objects.exists()

    def test_a_login_cancelled_after_the_report_takes_nothing(
        self, flow: Flow, visit: Visit
    ) -> None:
        visit.report(visit.press("login"))
        flow.page.post(f"/linkedin/{flow.job_id}/cancel/")

        assert not execution.run_job(flow.job_id)
        assert not Channel.objects.exists()

    @pytest.mark.parametrize(
        "changes",
        [
            {"status": "CREATION_FAILED"},
            {"status": None},
            {"account_id": ""},
            {"account_id": "../users"},
            {"account_id": "a" * 65},
            {"account_id": 7.5},
            {"name": ""},
        ],
    )
    def test_what_is_no_report_spends_nothing(self, visit: Visit, changes: dict[str, Any]) -> None:
        account, before = visit.press("login"), LinkedinLogin.objects.values().get()

        assert visit.report(account, **changes).status_code == 400
        assert LinkedinLogin.objects.values().get() == before
        assert visit.report(account).status_code == 200

    @pytest.mark.parametrize("body", [b"", b"no json", b"[]", b"[" * 4000, b'"x"', b"\xff", b"{}"])
    def test_what_is_no_json_object_spends_nothing(self, visit: Visit, body: bytes) -> None:
        before = LinkedinLogin.objects.values().get()

        assert call(f"{visit.path}?secret={visit.secret}", body).status_code == 400
        assert LinkedinLogin.objects.values().get() == before

    def test_its_size_is_bounded_and_it_is_posted(self, visit: Visit) -> None:
        url = f"{visit.path}?secret={visit.secret}"

        assert call(url, b" " * (hosted.MOST_BYTES + 1)).status_code == 413
        assert Client(headers={"host": "127.0.0.1"}).get(url).status_code == 405
        assert LinkedinLogin.objects.get().callback_digest


def elsewhere(team: Team) -> Team:
    """Gil's workspace, as if it were Alice's."""
    there = copy.copy(team)
    there.place, there.alice = team.gil.workspace, team.gil
    there.sender = factories.sender(there.place)
    return there


def test_the_secret_is_nowhere_but_at_the_provider(
    flow: Flow, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    visit = Visit(flow, provider)
    pages = [flow.shown(), str(flow.status()), str(visit.answer.headers)]
    rows = [every_row()]
    wrong = visit.report(ACCOUNT, secret=visit.secret[:-1])
    pages += [wrong.content.decode(), visit.report(visit.press("login")).content.decode()]
    pages += [flow.shown(), str(flow.work()), str(flow.work()), flow.shown()]
    rows += [every_row(), *(str(row.get_decoded()) for row in Session.objects.all())]
    assert channel().state == OK

    assert visit.secret in visit.asked["notify_url"]  # what is looked for was really sent
    for said in (*pages, *rows, caplog.text):
        assert visit.secret not in said
    assert visit.secret[:-1] not in caplog.text


def test_a_clock_that_is_a_little_behind_is_no_fault(flow: Flow, visit: Visit) -> None:
    ahead = clock.now() + hosted.SKEW - timedelta(seconds=20)
    LinkedinLogin.objects.update(hosted_at=ahead)
    visit.report(visit.press("login"))
    flow.work()
    assert flow.work()["status"] == "connected"


def test_the_visit_s_end_is_the_login_s(visit: Visit) -> None:
    ends = datetime.fromisoformat(visit.asked["expiresOn"])

    assert abs(ends - visit.login.expires_at) < timedelta(milliseconds=1)
