"""Channels for code that sends through them: find one, open its secret, record the outcome.

    channel = channel_for(workspace_id, Kind.SLACK)
    token = channel.opened()["token"]
    ...
    note_failure(channel, "Slack rejected the token.")   # a refused secret pauses the channel

Outcomes are stored in a separate transaction, outside the caller's: the call is over by then.
"""

from collections.abc import Callable
from typing import TypeVar

from django.db.models import Q, QuerySet

from core import audit, clock
from core.actor import Actor
from core.db import unit
from core.errors import Unavailable, ValidationFailed
from core.hooks import Hook
from core.schemas import validated
from identities import secrets
from identities.models import Channel, Identity, Kind, Mailbox
from identities.models.connected import FAILING, OK, PAUSED
from identities.schemas.channels import SETTINGS, Settings

AnyChannel = Channel | Mailbox
Given = TypeVar("Given", bound=Settings)

# Both are called in the transaction that pauses or resumes the channel.
ON_PAUSE = Hook[Callable[[Actor, AnyChannel], None]]()
ON_RECOVERY = Hook[Callable[[AnyChannel], None]]()


def channel_for(
    workspace_id: str, kind: Kind, identity: Identity | None = None, name: str = ""
) -> Channel:
    """The workspace's channel of this kind; `identity` for LinkedIn, `name` for an MCP server.

    Raises ValidationFailed when there is none and Unavailable when it is paused.
    """
    found = channel_of(workspace_id, kind, identity, name)
    refuse_paused(found)
    return found


def channel_of(
    workspace_id: str, kind: Kind, identity: Identity | None = None, name: str = ""
) -> Channel:
    """The same, paused or not: actions drafted while it is paused wait."""
    rows = Channel.objects.filter(workspace_id=workspace_id, kind=kind)
    found = rows.filter(identity=identity if kind.is_personal else None, name=name).first()
    if found is None:
        raise ValidationFailed(
            f"No {kind.label} is connected{' for this sender' if kind.is_personal else ''}.",
            hint="An admin can connect one under Settings, Senders.",
        )
    return found


def channel_or_none(
    workspace_id: str, kind: Kind, identity: Identity | None = None, name: str = ""
) -> Channel | None:
    """The same; None when there is none."""
    try:
        return channel_of(workspace_id, kind, identity, name)
    except ValidationFailed:
        return None


def refuse_paused(channel: AnyChannel) -> None:
    """Raise Unavailable for a channel whose secret the provider refused."""
    if channel.is_paused:
        raise Unavailable(
            f"{label_of(channel)} is paused: {channel.state_sentence}",
            hint="An admin can fix it under Settings, Senders.",
        )


def label_of(channel: AnyChannel) -> str:
    """Its label, without any user-chosen name."""
    return Kind(channel.kind).label if isinstance(channel, Channel) else "The mailbox"


def settings_of(channel: Channel, schema: type[Given]) -> Given:
    """The stored settings, as the schema of the channel's kind."""
    return validated(schema, channel.settings)


def any_settings_of(channel: Channel) -> Settings:
    """The stored settings, whatever the kind."""
    return validated(SETTINGS[Kind(channel.kind)], channel.settings)


def sealed(channel: AnyChannel, secret: str) -> str:
    """The secret as it is stored: for this row only."""
    return secrets.seal(secret, bound_to=str(channel.pk)) if secret else ""


def note_success(channel: AnyChannel) -> None:
    """It worked. A channel paused meanwhile stays paused until an admin's test succeeds."""
    moment = clock.now()
    _running(channel).update(state=OK, state_sentence="", checked_at=moment, last_used_at=moment)


def recover(channel: AnyChannel) -> None:
    """An admin's test succeeded: waiting actions continue."""
    with unit():
        _row(channel).update(state=OK, state_sentence="", checked_at=clock.now())
        for tell in ON_RECOVERY:
            tell(channel)


def note_trouble(channel: AnyChannel, sentence: str) -> None:
    """It did not answer: shown, but sends continue. `sentence` is our text."""
    _running(channel).update(state=FAILING, state_sentence=sentence[:300], checked_at=clock.now())


def note_failure(channel: AnyChannel, sentence: str) -> bool:
    """The provider refused the secret: pause it, so that its actions wait (attention-2).

    Returns whether this call paused it: of many concurrent failures exactly one does, and notifies
    people.
    """
    actor = Actor.for_job("identities.channel", str(channel.workspace_id))
    with unit():
        changed = _running(channel).update(
            state=PAUSED, state_sentence=sentence[:300], checked_at=clock.now()
        )
        if not changed:
            return False
        audit.record(actor, "identities.channel.pause", object_ids={"channel_id": str(channel.pk)})
        for tell in ON_PAUSE:
            tell(actor, channel)
    return True


def _running(channel: AnyChannel) -> "QuerySet[Channel] | QuerySet[Mailbox]":
    """Its row unless paused: of concurrent calls one pauses it, and none resumes it."""
    return _row(channel).filter(~Q(state=PAUSED))


def _row(channel: AnyChannel) -> "QuerySet[Channel] | QuerySet[Mailbox]":
    rows = Mailbox.objects if isinstance(channel, Mailbox) else Channel.objects
    return rows.filter(workspace_id=channel.workspace_id, pk=channel.pk)
