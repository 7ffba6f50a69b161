"""Notices by Slack: into a channel an admin allowed, saying no more than mail would."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership, Notice
from accounts.services import notices
from identities import channels
from identities.models import Channel
from tests import mail
from tests.approvals.conftest import Team
from tests.approvals.fake_providers import SLACK, provider
from tests.fakes import Provider
from tests.mail import Sink
from tests.team import make_team

pytestmark = pytest.mark.django_db
ME = "/settings/me/"
PLACE = "slack:C0SALES001"


@pytest.fixture
def team(db: None) -> Team:
    return make_team()


@pytest.fixture
def slack(team: Team, settings: Any, tmp_path: Path) -> Iterator[Provider]:
    with provider(SLACK, team, settings, tmp_path) as started:
        yield started


@pytest.fixture
def sink(slack: Provider, tmp_path: Path, settings: Any) -> Iterator[Sink]:
    """The system's mail server, in addition to Slack."""
    with mail.running(tmp_path) as running:
        settings.EMAIL_BACKEND = "core.system_mail.PinnedBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        settings.OUTBOUND_OPERATOR_ORIGINS = [*settings.OUTBOUND_OPERATOR_ORIGINS, running.url]
        yield running


def wants(member: Membership, place: str) -> None:
    Membership.objects.filter(pk=member.pk).update(notice_place=place)


def post(member: Membership, slot: str = "s1", **facts: Any) -> None:
    given = {"what": "E-mail <3: failed", "path": "/approvals/act_1/", **facts}
    kind = notices.Kind.ATTENTION
    notices.post(str(member.workspace_id), [str(member.user_id)], kind, slot, **given)


def texts(slack: Provider) -> list[str]:
    return [str(line["body"]) for line in slack.lines("/api/chat.postMessage")]


def test_a_notice_goes_to_the_channel_its_person_chose_and_not_by_mail(
    team: Team, slack: Provider, sink: Sink
) -> None:
    wants(team.mia, PLACE)
    wants(team.rex, "")
    for member in (team.mia, team.rex):
        post(member, name="ana@umbrella.example")

    assert [notices.send_due(), notices.send_due()] == [2, 0]

    [said] = texts(slack)
    assert "C0SALES001" in said
    assert "[Acme] E-mail &lt;3: failed" in said
    assert "<http://127.0.0.1:8000/approvals/act_1/|E-mail &lt;3: failed, just now>" in said
    assert "ana@" not in said
    assert [got.rcpt_to for got in sink.received()] == [[team.rex.user.email]]
    assert not Notice.objects.filter(sent_at=None).exists()


def test_it_needs_no_system_mail(team: Team, slack: Provider, settings: Any) -> None:
    wants(team.mia, PLACE)
    for member in (team.mia, team.rex):
        post(member)

    assert notices.send_due() == 1
    assert len(texts(slack)) == 1
    assert Notice.objects.get(sent_at=None).user_id == team.rex.user_id


@pytest.mark.parametrize("what", ["closed", "shared", "gone", "refused", "paused"])
def test_where_slack_does_not_take_it_mail_does(
    team: Team, slack: Provider, sink: Sink, what: str
) -> None:
    place = {"closed": "slack:C0GENERAL1", "shared": "slack:C0PARTNER1", "gone": "slack:C0ABSENT01"}
    wants(team.mia, place.get(what, PLACE))
    channel = Channel.objects.get()
    if what == "refused":
        Channel.objects.update(secret=channels.sealed(channel, "wrong"))
    if what == "paused":
        Channel.objects.update(state="paused")
    post(team.mia)

    assert notices.send_due() == 1

    assert [got.rcpt_to for got in sink.received()] == [[team.mia.user.email]]
    assert slack.effects() == []
    assert Channel.objects.get().is_paused == (what in {"refused", "paused"})


def test_a_busy_slack_is_tried_again(team: Team, slack: Provider, sink: Sink) -> None:
    wants(team.mia, PLACE)
    post(team.mia)
    slack.fault("/api/chat.postMessage", "status", status=429)

    assert notices.send_due() == 0
    assert sink.received() == []
    Notice.objects.update(claimed_until=None)
    assert notices.send_due() == 1
    assert len(slack.effects()) == 1


def test_each_chooses_on_his_own_page_among_what_an_admin_allowed(
    team: Team, slack: Provider, client: Client
) -> None:
    client.force_login(team.mia.user)
    page = client.get(ME).content.decode()
    given = {"name": "Mia", "time_zone": "", "notices": "at_once"}

    refused = client.post(ME, {**given, "notice_place": "slack:C0PARTNER1"})
    taken = client.post(ME, {**given, "notice_place": PLACE}, follow=True)

    assert "Slack, #sales" in page
    assert "partner" not in page
    assert refused.status_code == 400
    assert taken.status_code == 200
    assert Membership.objects.get(pk=team.mia.pk).notice_place == PLACE
    assert f'value="{PLACE}" selected' in client.get(ME).content.decode()
    assert Membership.objects.get(pk=team.rex.pk).notice_place == ""
