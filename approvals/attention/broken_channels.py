"""Attention items for the owner and admins of a broken channel (attention-2)."""

from django.urls import reverse

from approvals.attention import alerts
from approvals.attention.kinds import How, Kind
from core.actor import Actor
from identities.channels import AnyChannel, label_of


def channel_paused(_: Actor, channel: AnyChannel) -> None:
    """Open a row for each; the caller holds the transaction that pauses the channel."""
    identity = channel.identity
    alerts.raise_for_channel(
        str(channel.workspace_id),
        Kind.CHANNEL_BROKEN,
        str(channel.pk),
        str(identity.user_id) if identity and identity.user_id else None,
        about=f"{label_of(channel)} of {identity}" if identity else label_of(channel),
        path=reverse("sender", args=[identity.pk]) if identity else reverse("senders"),
    )


def channel_recovered(channel: AnyChannel) -> None:
    """Close the rows after an admin's successful test."""
    alerts.close_alerts(str(channel.workspace_id), str(channel.pk), How.MOVED_ON)
