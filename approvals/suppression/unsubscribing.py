"""Unsubscribing from a workspace's messages by a message's link (RFC 8058)."""

from dataclasses import dataclass

from approvals.models import Attempt, Recipient, Suppression
from approvals.suppression import changes
from core.actor import Actor
from identities.providers.email import unsubscribe_link


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A workspace and an address it wrote to."""

    workspace_id: str
    workspace_name: str
    address: str

    @property
    def masked(self) -> str:
        """The masked address, which only its owner recognises."""
        name, _, domain = self.address.partition("@")
        return f"{name[:1]}…@{domain}"

    @property
    def has_left(self) -> bool:
        """Whether the address is suppressed."""
        rows = Suppression.objects.filter(workspace_id=self.workspace_id, address=self.address)
        return rows.holding().exists()


def subscriber_of(token: str) -> Subscriber | None:
    """The subject of the link; None if we did not sign it."""
    attempt_id = unsubscribe_link.attempt_of(token)
    if attempt_id is None:
        return None
    attempt = Attempt.objects.select_related("workspace").filter(pk=attempt_id).first()
    rows = (
        Recipient.objects.filter(action=attempt.action_id) if attempt else Recipient.objects.none()
    )
    recipient = rows.order_by("id").first()
    if attempt is None or recipient is None:
        return None
    return Subscriber(str(attempt.workspace_id), attempt.workspace.name, recipient.address)


def unsubscribe(subscriber: Subscriber) -> None:
    """Suppress the address; repeating it has no effect."""
    actor = Actor.for_job("approvals.unsubscribe", subscriber.workspace_id)
    changes.suppress(actor, subscriber.address, "unsubscribed")
