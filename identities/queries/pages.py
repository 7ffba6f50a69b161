"""Data of the senders and connections pages; no secrets."""

from dataclasses import dataclass

from django.conf import settings

from core.actor import Actor
from core.errors import NotFound
from identities import send_counters
from identities.channels import any_settings_of
from identities.models import Channel, Identity, Kind, Mailbox
from identities.queries.identities import resend_of, senders
from identities.schemas.channels import Settings

SINGLE = (Kind.SLACK, Kind.RESEND, Kind.HUBSPOT)


@dataclass(frozen=True, slots=True)
class SenderPage:
    """A sender on its page; `mailbox` None if none is connected."""

    identity: Identity
    mailbox: Mailbox | None
    linkedin: Channel | None
    resend: Channel | None
    sent_today: dict[str, int]
    offers_relay: bool


@dataclass(frozen=True, slots=True)
class Shared:
    """A connection of the whole workspace as a list shows it; `channel` None before it exists."""

    kind: Kind
    channel: Channel | None


def all_senders(actor: Actor) -> list[Identity]:
    """Every sender, active ones first."""
    rows = senders(actor).select_related("user").order_by("-is_active", "created_at", "id")
    return list(rows[:500])


def sender_page(actor: Actor, identity_id: str) -> SenderPage:
    """One sender, a removed one too. Raises NotFound."""
    identity = senders(actor).select_related("workspace").one(identity_id, "identity")
    return SenderPage(
        identity=identity,
        mailbox=getattr(identity, "mailbox", None),
        linkedin=next((row for row in identity.channels.all() if row.kind == "linkedin"), None),
        resend=resend_of(actor),
        sent_today=send_counters.sent_today_by_type(identity),
        offers_relay=bool(settings.SMTP_RELAY_URL),
    )


def shared(actor: Actor) -> list[Shared]:
    """Slack, Resend and HubSpot, connected or not."""
    rows = Channel.objects.visible_to(actor).filter(kind__in=SINGLE)
    by_kind = {row.kind: row for row in rows}
    return [Shared(kind, by_kind.get(kind)) for kind in SINGLE]


def servers(actor: Actor) -> list[Channel]:
    """The external MCP servers."""
    rows = Channel.objects.visible_to(actor).filter(kind=Kind.MCP)
    return list(rows.select_related("opened_by").order_by("name")[:200])


def connection(actor: Actor, kind: str) -> Shared:
    """Slack, Resend or HubSpot. Raises NotFound for any other word."""
    found = next((row for row in shared(actor) if row.kind == kind), None)
    if found is None:
        raise NotFound("connection")
    return found


def channel(actor: Actor, channel_id: str, kind: Kind | None = None) -> Channel:
    """A connection of the workspace, of this kind where one is named; raises NotFound."""
    rows = Channel.objects.visible_to(actor).select_related("opened_by")
    return (rows.filter(kind=kind) if kind else rows).one(channel_id, "connection")


def mailbox(actor: Actor, mailbox_id: str) -> Mailbox:
    """A mailbox of the workspace; raises NotFound."""
    return Mailbox.objects.visible_to(actor).one(mailbox_id, "mailbox")


def settings_shown(row: Channel | None) -> Settings | None:
    """The settings of a connection, typed."""
    return any_settings_of(row) if row else None
