from datetime import time
from typing import Any

from django.db.models import Prefetch

from core.access import Scope
from core.actor import Actor
from core.operations import Effect, operation
from identities import send_counters
from identities.models import Channel, Identity, Kind, Mailbox
from identities.models.connected import OK, Connected
from identities.models.identity import IdentityQuerySet
from identities.schemas.identities import (
    ChannelOut,
    DailyLimit,
    GetIdentity,
    IdentityAnswer,
    IdentityDetail,
    IdentityList,
    IdentityOut,
    ListIdentities,
    QuietHours,
)

_HAVING: dict[str, dict[str, Any]] = {
    "email": {"mailbox__isnull": False},
    "linkedin": {"channels__kind": Kind.LINKEDIN},
    "resend": {"resend_address__gt": ""},
}


@operation(
    "identities.identity.list",
    schema=ListIdentities,
    scope=Scope.IDENTITIES_READ,
    effect=Effect.READ,
)
def list_identities(actor: Actor, data: ListIdentities) -> IdentityList:
    """Every sender that may send, with its channels."""
    rows = senders(actor).active()
    if data.channel:
        rows = rows.filter(**_HAVING[data.channel])
    shared = resend_of(actor)
    found = [identity_out(row, shared) for row in rows.order_by("created_at", "id")]
    return IdentityList(identities=found, total=len(found))


@operation(
    "identities.identity.get", schema=GetIdentity, scope=Scope.IDENTITIES_READ, effect=Effect.READ
)
def get_identity(actor: Actor, data: GetIdentity) -> IdentityAnswer:
    """One sender with its limits and today's counts."""
    row = senders(actor).active().select_related("workspace").one(data.identity_id, "identity")
    return IdentityAnswer(identity=identity_detail(row, resend_of(actor)))


def senders(actor: Actor) -> IdentityQuerySet:
    """The workspace's senders with their channels' data, including removed ones."""
    channels = Channel.objects.visible_to(actor).order_by("kind")
    rows = Identity.objects.visible_to(actor).select_related("mailbox")
    return rows.prefetch_related(Prefetch("channels", queryset=channels))


def resend_of(actor: Actor) -> Channel | None:
    """The workspace's Resend account, through which each sender has an address of its own."""
    return Channel.objects.visible_to(actor).filter(kind=Kind.RESEND).first()


def identity_out(identity: Identity, resend: Channel | None) -> IdentityOut:
    """A sender as the APIs show it."""
    return IdentityOut(**_facts(identity, resend))


def identity_detail(identity: Identity, resend: Channel | None) -> IdentityDetail:
    """A sender with its limits as the APIs show it."""
    return IdentityDetail(
        **_facts(identity, resend),
        signature=identity.signature or None,
        daily_limits=_limits(identity),
        minimum_gap_seconds=identity.minimum_gap_seconds,
        quiet_hours=QuietHours(
            quiet_from=_clock_time(identity.quiet_from),
            until=_clock_time(identity.quiet_until),
            weekends=identity.quiet_weekends,
            time_zone=identity.workspace.time_zone,
        ),
    )


def _facts(identity: Identity, resend: Channel | None) -> dict[str, Any]:
    return {
        "identity_id": str(identity.pk),
        "id": str(identity.pk),
        "name": str(identity),
        "first_name": identity.first_name,
        "last_name": identity.last_name or None,
        "job_title": identity.job_title or None,
        "role": identity.job_title or None,
        "channels": _channels(identity, resend),
    }


def _channels(identity: Identity, resend: Channel | None) -> list[ChannelOut]:
    mailbox: Mailbox | None = getattr(identity, "mailbox", None)
    found = [_channel("email", mailbox.address, mailbox)] if mailbox else []
    found += [
        _channel(row.kind, str(row.settings.get("profile_name", "")), row)
        for row in identity.channels.all()
    ]
    if identity.resend_address and resend:
        found.append(_channel("resend", identity.resend_address, resend))
    return found


def _channel(name: str, address: str, row: Connected) -> ChannelOut:
    state = "ready" if row.state == OK else str(row.state)
    return ChannelOut(channel=name, address=address, state=state, detail=row.state_sentence or None)


def _limits(identity: Identity) -> list[DailyLimit]:
    sent = send_counters.sent_today_by_type(identity)
    limits = send_counters.daily_limits(identity)
    return [
        DailyLimit(type=what, daily_limit=limits.get(what), sent_today=sent.get(what, 0))
        for what in sorted(limits.keys() | sent.keys())
    ]


def _clock_time(moment: time | None) -> str | None:
    return moment.strftime("%H:%M") if moment else None
