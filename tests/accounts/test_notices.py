"""Notices: sent once, to their recipients, without authority, over SMTP."""

import re
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import Membership, Notice, User, Workspace
from accounts.services import notices
from accounts.services.notices import Kind
from core import clock
from core.access import Role
from core.models import AuditEntry
from tests import factories
from tests.mail import Sink
from tests.threads import at_once

pytestmark = pytest.mark.django_db
ME = "/settings/me/"


@pytest.fixture
def mia() -> Membership:
    return factories.member(factories.workspace(), "Mia", Role.MEMBER)


def post(member: Membership, slot: str = "s1", kind: Kind = Kind.ATTENTION, **facts: Any) -> None:
    given = {"what": "E-mail: failed", "path": "/approvals/act_1/", **facts}
    notices.post(str(member.workspace_id), [str(member.user_id)], kind, slot, **given)


def test_a_notice_says_what_and_how_old_and_links_to_a_page_of_ours(
    mia: Membership, sink: Sink
) -> None:
    post(mia, name="ana@umbrella.example")
    with time_machine.travel(clock.now() + timedelta(minutes=3)):
        assert notices.send_due() == 1

    [got] = sink.received()
    text = got.part("plain")
    assert got.rcpt_to == ["mia@acme.example"]
    assert got.mime["Subject"] == "[Acme] E-mail: failed"
    assert got.mime["Auto-Submitted"] == "auto-generated"
    assert "E-mail: failed, 3 min ago\nhttp://127.0.0.1:8000/approvals/act_1/" in text
    assert "ana@" not in text
    assert set(re.findall(r"https?://\S+", text)) == {
        "http://127.0.0.1:8000/approvals/act_1/",
        "http://127.0.0.1:8000/settings/me/",
    }


def test_names_are_in_it_only_where_an_admin_allows(mia: Membership, sink: Sink) -> None:
    Workspace.objects.filter(pk=mia.workspace_id).update(names_in_notices=True)
    post(mia, name="ana@umbrella.example\u202e\r\nBcc: evil@evil.example")

    notices.send_due()

    [got] = sink.received()
    assert "E-mail: failed (ana@umbrella.example Bcc: evil@evil.example)" in got.part("plain")
    assert got.rcpt_to == ["mia@acme.example"]
    assert got.mime["Bcc"] is None


def test_the_same_occasion_is_told_once_and_all_that_is_due_in_one_mail(
    mia: Membership, sink: Sink
) -> None:
    for slot in ("a", "a", "b", "c"):
        post(mia, slot)

    assert [notices.send_due() for _ in range(2)] == [1, 0]

    [got] = sink.received()
    assert got.mime["Subject"] == "[Acme] 3 notifications"
    assert got.part("plain").count("E-mail: failed") == 3
    post(mia, "a")
    assert notices.send_due() == 0


def test_each_chooses_what_he_gets(mia: Membership, sink: Sink) -> None:
    wanted = {"at_once": {"attention", "digest", "access"}, "digest": {"digest", "access"}}
    for choice in ("at_once", "digest", "none"):
        User.objects.filter(pk=mia.user_id).update(notices=choice)
        Notice.objects.all().delete()
        for kind in (Kind.ATTENTION, Kind.DIGEST, Kind.ACCESS):
            post(mia, kind, kind)
        assert {notice.kind for notice in Notice.objects.all()} == wanted.get(choice, {"access"})


def test_whoever_left_is_told_nothing_more(mia: Membership, sink: Sink) -> None:
    post(mia)
    Membership.objects.filter(pk=mia.pk).update(is_active=False)

    assert notices.send_due() == 0
    post(mia, "later")

    assert sink.received() == []
    assert Notice.objects.count() == 1


def test_a_user_outside_the_workspace_is_told_nothing(mia: Membership) -> None:
    gil = factories.member(factories.workspace("Globex"), "Gil", Role.ADMIN)

    notices.post(str(mia.workspace_id), [str(gil.user_id), None], Kind.ACCESS, "s", what="x")

    assert not Notice.objects.exists()


def test_a_server_that_is_away_is_tried_again_and_not_for_ever(
    mia: Membership, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "core.system_mail.PinnedBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    settings.OUTBOUND_OPERATOR_ORIGINS = ["smtp://127.0.0.1:1"]
    post(mia)

    assert notices.send_due() == 0
    assert Notice.objects.get().tries == 1
    assert notices.send_due() == 0
    assert Notice.objects.get().tries == 1  # the claim still holds
    for minutes in range(2, 20, 2):
        with time_machine.travel(clock.now() + timedelta(minutes=minutes)):
            notices.send_due()
    assert Notice.objects.get().tries == notices.MOST_TRIES


def test_only_the_operators_server_is_reached(mia: Membership, sink: Sink, settings: Any) -> None:
    settings.OUTBOUND_OPERATOR_ORIGINS = []
    post(mia)

    assert notices.send_due() == 0
    assert sink.received() == []


def test_without_system_mail_a_notice_waits_on_the_persons_page(
    mia: Membership, settings: Any
) -> None:
    settings.EMAIL_HOST = ""
    post(mia)

    assert notices.send_due() == 0
    page = browser(mia).get(ME).content.decode()
    assert "E-mail: failed" in page
    assert "not sent" in page
    assert "has no system mail" in page


@pytest.mark.django_db(transaction=True)
def test_many_senders_at_once_send_one_mail(mia: Membership, sink: Sink) -> None:
    post(mia)

    sent, refused = at_once([notices.send_due] * 5)

    assert (sum(sent), refused) == (1, [])
    assert len(sink.received()) == 1


def test_what_another_has_claimed_is_left_to_him(mia: Membership) -> None:
    post(mia)
    mine, his = Notice.objects.get(), Notice.objects.get()

    assert notices._claim(mine)
    assert not notices._claim(his)


@pytest.mark.django_db(transaction=True)
def test_the_same_occasion_by_many_is_one_row(mia: Membership) -> None:
    at_once([partial(post, mia)] * 5)

    assert Notice.objects.count() == 1


# --- /settings/me/ ---


def browser(membership: Membership) -> Client:
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(membership.user)
    return client


def test_a_person_changes_name_zone_and_notices(mia: Membership) -> None:
    given = {"name": "Mia Moss", "time_zone": "Europe/Berlin", "notices": "digest"}

    assert browser(mia).post(ME, given).status_code == 302

    user = User.objects.get(pk=mia.user_id)
    assert (user.name, user.time_zone, user.notices) == ("Mia Moss", "Europe/Berlin", "digest")
    entry = AuditEntry.objects.get(verb="accounts.person.change")
    assert entry.fields == ["name", "notices", "time_zone"]


@pytest.mark.parametrize(
    "fault",
    [
        {"name": ""},
        {"name": "\u202e"},
        {"name": "x" * 121},
        {"time_zone": "Mars/Phobos"},
        {"notices": "always"},
        {"name": "\0"},
    ],
)
def test_what_does_not_fit_comes_back_and_changes_nothing(
    mia: Membership, fault: dict[str, str]
) -> None:
    given = {"name": "Mia", "time_zone": "", "notices": "at_once", **fault}

    assert browser(mia).post(ME, given).status_code == 400

    assert User.objects.get(pk=mia.user_id).name == "Mia"
    assert not AuditEntry.objects.exists()


def test_only_an_admin_lets_notices_name_people(mia: Membership) -> None:
    alice = factories.member(mia.workspace, "Alice", Role.ADMIN)
    url = f"{ME}names-in-notices/"

    assert browser(mia).post(url, {"allowed": "on"}).status_code == 403
    assert "Notices may name people" not in browser(mia).get(ME).content.decode()
    for data, allowed in (({"allowed": "on"}, True), ({}, False)):
        assert browser(alice).post(url, data).status_code == 302
        assert Workspace.objects.get(pk=mia.workspace_id).names_in_notices is allowed
