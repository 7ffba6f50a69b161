"""Settings, Senders: seen by all, changed by admins, and no secret on any page or in any log."""

import re
from typing import Any

import pytest
from django.test import Client
from pydantic import SecretStr

from accounts.models import Membership
from core.models import AuditEntry
from identities.models import Channel, Identity, Kind, Mailbox
from identities.services import connections
from tests import factories
from tests.identities.providers import CANARY
from tests.identities.test_connections import GENERAL, PARTNER, TICKET
from tests.team import Team

ROOT = "/settings/senders/"
MAILBOX = {
    "address": "mia@acme.example",
    "smtp_host": "smtp.acme.example",
    "smtp_port": "465",
    "smtp_security": "tls",
    "smtp_username": "mia",
    "password": CANARY,
    "imap_security": "tls",
}
SERVER = {
    "name": "tickets",
    "url": "https://mcp.example/mcp",
    "header": "Authorization",
    "secret": CANARY,
}


def browser(membership: Membership, *, fresh: bool = False) -> Client:
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(membership.user)
    if fresh:
        client.post("/settings/password/", {"password": factories.PASSWORD})
    return client


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_an_admin_adds_a_sender_and_connects_everything(team: Team) -> None:
    client = browser(team.alice, fresh=True)

    made = client.post(f"{ROOT}new/", {"firstName": "Bo", "lastName": "Ek", "jobTitle": "Sales"})
    place = made.headers["Location"]
    assert client.post(f"{place}mailbox/", MAILBOX).headers["Location"] == place
    assert client.post(f"{ROOT}connections/slack/", {"secret": CANARY}).status_code == 302
    assert client.post(f"{ROOT}connections/resend/", {"secret": CANARY}).status_code == 302
    assert client.post(f"{ROOT}connections/hubspot/", {"secret": CANARY}).status_code == 302
    server = client.post(f"{ROOT}servers/new/", SERVER).headers["Location"]
    assert client.post(f"{place}resend/", {"resend_address": "bo@acme.example"}).status_code == 302
    limits = {"email_daily_limit": 5, "linkedin_daily_limit": 1, "minimum_gap_seconds": 30}
    assert client.post(f"{place}limits/", limits).status_code == 302

    listed = text(client.get(ROOT))
    assert "Bo Ek" in listed
    assert "mia@acme.example" in listed
    assert "bo@acme.example" in text(client.get(place))
    assert "MCP server tickets" in text(client.get(server))
    assert Identity.objects.get(first_name="Bo").minimum_gap_seconds == 30


def test_no_page_and_no_log_holds_a_secret(
    team: Team, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    client = browser(team.alice, fresh=True)
    place = f"{ROOT}{team.sender.pk}/"
    caplog.set_level("DEBUG")
    answers = [
        client.post(f"{place}mailbox/", MAILBOX),
        client.post(f"{place}mailbox/", {**MAILBOX, "smtp_port": "no"}),
        client.post(f"{place}mailbox/", {**MAILBOX, "smtp_security": "none"}),
        client.post(f"{ROOT}connections/slack/", {"secret": CANARY}),
        client.post(f"{ROOT}connections/slack/", {"secret": f"{CANARY}ö"}),
        client.post(f"{ROOT}servers/new/", SERVER),
        client.post(f"{ROOT}servers/new/", SERVER),
        client.post(f"{ROOT}servers/new/", {**SERVER, "url": "http://x"}),
    ]
    slack = Channel.objects.get(kind="slack")
    server = Channel.objects.get(kind="mcp")
    box = Mailbox.objects.get()
    pages = [
        ROOT,
        place,
        f"{ROOT}connections/slack/",
        f"{ROOT}servers/{server.pk}/",
        "/settings/external-access/",
    ]
    answers += [client.get(page, follow=True) for page in pages]
    answers += [client.post(f"{ROOT}channels/{slack.pk}/allow/", {"allowed": ["C9"]})]

    said = " ".join(text(answer) for answer in answers)
    logged = "".join(capfd.readouterr()) + caplog.text
    for hidden in (CANARY, slack.secret, server.secret, box.smtp_password):
        assert hidden not in said + logged + str(list(AuditEntry.objects.values()))
    assert [answer.status_code for answer in answers[:8]] == [
        302,
        400,
        400,
        302,
        400,
        302,
        409,
        400,
    ]


GRANTS = ["{sender}mailbox/", "connections/slack/", "servers/new/", "{sender}resend/"]


@pytest.mark.parametrize("path", GRANTS)
def test_without_a_fresh_login_external_access_stays_off_and_the_page_says_so(
    team: Team, path: str
) -> None:
    path = ROOT + path.format(sender=f"{team.sender.pk}/")
    given = {**MAILBOX, **SERVER, "resend_address": "a@b.example"}

    answer = browser(team.alice).post(path, given)

    assert answer.status_code == 403
    assert "Re-enter your password" in text(answer)
    assert not Channel.objects.exists()
    assert not Mailbox.objects.exists()


def test_members_see_the_senders_and_change_nothing(team: Team) -> None:
    connections.save_token(team.fresh_admin, Kind.SLACK, SecretStr(CANARY))
    slack = Channel.objects.get()
    mia = browser(team.mia, fresh=True)
    place = f"{ROOT}{team.sender.pk}/"

    listed = text(mia.get(ROOT))
    assert "Mia Moss" in listed
    assert "Slack" in listed
    assert "Add a sender" not in listed
    gets = ["new/", "connections/slack/", "servers/new/"]
    assert {mia.get(f"{ROOT}{path}").status_code for path in gets} == {403}
    posts = [
        f"{ROOT}new/",
        place,
        f"{place}mailbox/",
        f"{place}limits/",
        f"{place}resend/",
        f"{place}remove/",
        f"{place}restore/",
        f"{ROOT}connections/slack/",
        f"{ROOT}servers/new/",
        f"{ROOT}channels/{slack.pk}/try/",
        f"{ROOT}channels/{slack.pk}/allow/",
        f"{ROOT}channels/{slack.pk}/close/",
        "/settings/external-access/seen/",
    ]
    assert {mia.post(path, MAILBOX).status_code for path in posts} == {403}
    assert mia.get("/settings/external-access/").status_code == 403
    assert Channel.objects.filter(pk=slack.pk).exists()


def test_pages_of_another_workspace_are_missing(team: Team) -> None:
    client = browser(team.alice, fresh=True)
    client.post(f"{ROOT}servers/new/", SERVER)
    row = Channel.objects.get()
    gil = browser(team.gil, fresh=True)

    paths = [f"{ROOT}{team.sender.pk}/", f"{ROOT}servers/{row.pk}/", f"{ROOT}connections/fax/"]
    assert [gil.get(path).status_code for path in paths] == [404, 404, 404]
    assert gil.post(f"{ROOT}channels/{row.pk}/close/").status_code == 404
    assert [client.get(path).status_code for path in paths] == [200, 200, 404]


def test_slack_channels_and_tools_are_ticked_one_by_one(team: Team) -> None:
    client = browser(team.alice, fresh=True)
    client.post(f"{ROOT}connections/slack/", {"secret": CANARY})
    client.post(f"{ROOT}servers/new/", SERVER)
    slack, server = Channel.objects.get(kind="slack"), Channel.objects.get(kind="mcp")
    connections.refresh_listing(team.fresh_admin, slack, [GENERAL, PARTNER])
    connections.refresh_listing(team.fresh_admin, server, [TICKET])

    page = text(client.get(f"{ROOT}connections/slack/"))
    assert "shared with other organizations" in page
    assert "checked" not in page
    client.post(f"{ROOT}channels/{slack.pk}/allow/", {"allowed": ["C1"]})
    client.post(f"{ROOT}channels/{server.pk}/allow/", {"allowed": ["open_ticket"]})

    page = text(client.get(f"{ROOT}connections/slack/"))
    assert re.findall(r'value="(\w+)" checked', page) == ["C1"]
    assert 'value="open_ticket" checked' in text(client.get(f"{ROOT}servers/{server.pk}/"))


def test_what_a_server_calls_its_tools_is_only_text(team: Team) -> None:
    client = browser(team.alice, fresh=True)
    client.post(f"{ROOT}servers/new/", SERVER)
    row = Channel.objects.get()
    evil = TICKET.model_copy(
        update={"name": "<b>x</b>", "description": "<script>alert(1)</script>"}
    )
    connections.refresh_listing(team.fresh_admin, row, [evil])

    page = text(client.get(f"{ROOT}servers/{row.pk}/"))

    assert "<script>alert" not in page
    assert "<b>x" not in page


def test_a_test_answers_in_place_and_says_what_failed(team: Team) -> None:
    client = browser(team.alice, fresh=True)
    place = f"{ROOT}{team.sender.pk}/"
    client.post(f"{place}mailbox/", {**MAILBOX, "smtp_host": "10.0.0.1"})
    box = Mailbox.objects.get()

    answer = client.post(f"{ROOT}mailboxes/{box.pk}/try/")

    assert answer.status_code == 200
    assert "not on the public internet" in text(answer)
    assert "not responding" in text(client.get(ROOT))


def test_a_removed_sender_can_be_restored(team: Team) -> None:
    client = browser(team.alice)
    place = f"{ROOT}{team.sender.pk}/"

    assert client.post(f"{place}remove/").status_code == 302
    assert "Restore sender" in text(client.get(place))
    assert client.post(f"{place}restore/").headers["Location"] == place
    assert Identity.objects.get(pk=team.sender.pk).is_active


def test_closing_forgets_the_secret(team: Team) -> None:
    client = browser(team.alice, fresh=True)
    client.post(f"{ROOT}{team.sender.pk}/mailbox/", MAILBOX)
    client.post(f"{ROOT}servers/new/", SERVER)

    client.post(f"{ROOT}mailboxes/{Mailbox.objects.get().pk}/close/")
    client.post(f"{ROOT}channels/{Channel.objects.get().pk}/close/")

    assert not Mailbox.objects.exists()
    assert not Channel.objects.exists()
    verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert {"identities.mailbox.close", "identities.channel.close"} <= verbs


def test_another_admin_finds_the_notice_in_the_menu_until_it_is_seen(team: Team) -> None:
    browser(team.alice, fresh=True).post(f"{ROOT}connections/slack/", {"secret": CANARY})
    ada = browser(team.ada)

    assert "unread" in text(ada.get(ROOT))
    page = text(ada.get("/settings/external-access/"))
    assert "Enabled by other admins" in page
    assert "by Alice" in page
    ada.post("/settings/external-access/seen/")

    assert "unread" not in text(ada.get(ROOT))
