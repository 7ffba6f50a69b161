"""Every access grant of security-5: refused without the password, announced to all admins."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils.html import escape
from pydantic import SecretStr

from accounts.models import Notice
from accounts.services import access_grants, api_keys, audit_trail, notices
from accounts.services.api_keys import NewKey
from agents.services import allowed_providers
from core import audit, operations
from core.access import Scope
from core.actor import Actor
from core.audit_log import AuditFilter
from core.errors import Forbidden
from core.operations import Request
from core.schemas import validated
from identities.models import Kind
from identities.providers.email.google import Access, Grant
from identities.providers.slack.schemas import SlackChannel
from identities.schemas.connections import ServerSettings
from identities.schemas.mailboxes import MailboxSettings
from identities.services import connections, mailboxes, sending_limits
from tests import factories, mail
from tests.identities.conftest import identities_team
from tests.identities.test_pages import browser
from tests.team import Team

TOKEN = SecretStr("a-token-that-is-long")
SIGNING = SecretStr("whsec_Y2FuYXJ5LXdlYmhvb2stc2VjcmV0LTljNDE=")
SERVER = validated(ServerSettings, {"name": "tickets", "url": "https://mcp.example/mcp"})
MAILBOX = MailboxSettings(address="mia@acme.example", smtp_host="smtp.acme.example", smtp_port=465)
KEY = NewKey(name="Import", scopes=frozenset({Scope.CONTACTS_READ}), lifetime=None)
GRANT = Grant("mia@acme.example", "refresh", Access("access", 3600))
Opens = Callable[[Team, Actor], object]


def a_webhook(team: Team, actor: Actor) -> object:
    resend = connections.save_token(team.fresh_admin, Kind.RESEND, TOKEN)
    Notice.objects.all().delete()
    return connections.save_webhook_secret(actor, str(resend.pk), SIGNING)


def a_slack_channel(team: Team, actor: Actor) -> object:
    slack = connections.save_token(team.fresh_admin, Kind.SLACK, TOKEN)
    connections.refresh_listing(team.fresh_admin, slack, [SlackChannel(id="C1", name="general")])
    Notice.objects.all().delete()
    return connections.allow(actor, str(slack.pk), ["C1"])


def a_renewed_key(team: Team, actor: Actor) -> object:
    api_keys.create(team.fresh_admin, KEY)
    (key,) = api_keys.list_keys(team.fresh_admin)
    Notice.objects.all().delete()
    return api_keys.rotate(actor, str(key.pk))


def a_large_export(team: Team, actor: Actor) -> object:
    for number in range(201):
        audit.record(
            team.fresh_admin, "crm.contact.update", object_ids={"contact_id": f"ct_{number}"}
        )
    parts, _ = audit_trail.export(actor, AuditFilter(), "csv")
    return list(parts)


GRANTS: dict[str, Opens] = {
    "webhook": a_webhook,
    "export above 200 rows": a_large_export,
    "API key": lambda _, actor: api_keys.create(actor, KEY),
    "API key, renewed": a_renewed_key,
    "external server": lambda _, actor: connections.add_server(actor, SERVER),
    "Slack workspace": lambda _, actor: connections.save_token(actor, Kind.SLACK, TOKEN),
    "Slack channel": a_slack_channel,
    "HubSpot": lambda _, actor: connections.save_token(actor, Kind.HUBSPOT, TOKEN),
    "sender": lambda team, actor: mailboxes.save_mailbox(actor, team.sender.pk, MAILBOX),
    "sender by Google": lambda team, actor: mailboxes.save_gmail(actor, team.sender.pk, GRANT),
    "verified domain": lambda team, actor: sending_limits.set_resend_address(
        actor, team.sender.pk, "mia@acme.example"
    ),
    "model provider": lambda _, actor: allowed_providers.allow(actor, "anthropic"),
}
each_grant = pytest.mark.parametrize("kind", GRANTS)


@pytest.fixture
def team(db: None, settings: Any) -> Team:
    settings.ANTHROPIC_API_KEY = "a-key"
    settings.GMAIL_SMTP_URL, settings.GMAIL_IMAP_URL = "smtps://smtp.x.example:465", ""
    return identities_team()


@each_grant
def test_external_access_stays_off_without_the_password(team: Team, kind: str) -> None:
    with pytest.raises((Forbidden, audit_trail.PasswordFirst)):
        GRANTS[kind](team, team.admin)

    assert not Notice.objects.exists()


@each_grant
def test_every_other_admin_is_told_in_the_list_and_by_mail(
    team: Team, kind: str, tmp_path: Path, settings: Any
) -> None:
    GRANTS[kind](team, team.fresh_admin)

    told = Notice.objects.filter(kind=notices.Kind.ACCESS)
    assert set(told.values_list("user__name", flat=True)) - {"Alice"} == {"Ada"}
    assert len(access_grants.unseen(factories.person(team.ada))) == 1
    with mail.running(tmp_path) as sink:
        settings.EMAIL_BACKEND = "core.system_mail.PinnedBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        settings.OUTBOUND_OPERATOR_ORIGINS = [sink.url]
        notices.send_due()
        received = sink.received()
    assert ["ada@acme.example"] in [one.rcpt_to for one in received]
    assert "/settings/" in received[0].part("plain")


@each_grant
def test_an_access_grant_is_on_the_list_with_who_opened_it(team: Team, kind: str) -> None:
    if kind == "export above 200 rows":
        pytest.skip("a copy is taken, nothing stays open")
    GRANTS[kind](team, team.fresh_admin)

    found = access_grants.open_grants(team.fresh_admin)

    assert found, kind
    assert {grant.opened_by for grant in found} == {"Alice"}
    page = browser(team.alice).get("/settings/external-access/").content.decode()
    assert all(escape(grant.name) in page for grant in found)


def test_a_sender_that_comes_back_is_told_too(team: Team) -> None:
    mailboxes.save_mailbox(team.fresh_admin, str(team.sender.pk), MAILBOX)

    def switch(verb: str) -> list[tuple[str, str]]:
        Notice.objects.all().delete()
        op = operations.get(f"identities.identity.{verb}")
        operations.submit(team.fresh_admin, op, {"identity_id": str(team.sender.pk)}, Request())
        return list(Notice.objects.values_list("user__name", "facts__access"))

    assert switch("delete") == []
    assert switch("restore") == [("Ada", f"Sender {team.sender}")]
    assert switch("restore") == []  # it was back already
