"""Ending what comes from a workspace, by whoever holds a message's link (RFC 8058)."""

from dataclasses import dataclass

from approvals.models import Attempt, Recipient, Suppression
from approvals.suppression import changes
from core.actor import Actor
from identities.providers.email import unsubscribe_link


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One address that a workspace wrote to."""

    workspace_id: str
    workspace_name: str
    address: str

    @property
    def masked(self) -> str:
        """The address so that its owner knows it and nobody else learns it."""
        name, _, domain = self.address.partition("@")
        return f"{name[:1]}…@{domain}"

    @property
    def has_left(self) -> bool:
        """Whether nothing is sent to it any more."""
        rows = Suppression.objects.filter(workspace_id=self.workspace_id, address=self.address)
        return rows.holding().exists()


def subscriber_of(token: str) -> Subscriber | None:
    """Whom the link is for; None for one we did not make."""
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
    """Send nothing more to the address; once is enough."""
    actor = Actor.for_job("approvals.unsubscribe", subscriber.workspace_id)
    changes.suppress(actor, subscriber.address, "unsubscribed")
