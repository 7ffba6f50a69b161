"""What arrives in mailboxes, told to upper apps (layers-2): the ledger stops sends on a reply."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from core.hooks import Hook


@dataclass(frozen=True, slots=True)
class InboundMail:
    """One thing that came in for a workspace.

    replied: a person at `address` wrote. `verified` is true when the receiving server vouches for
    the sender (DMARC) and it answers mail of ours; `about` is then the message it answers.
    bounced, complaint: a report that quotes the message id `about`. Nobody vouches for one that
    came by mail: the consumer must know the id as its own. One a provider signed is verified, and
    `about` is the provider's id; `address` is empty where it is of several recipients.
    """

    kind: Literal["replied", "bounced", "complaint"]
    workspace_id: str
    address: str
    about: str
    at: datetime
    contact_id: str | None = None
    verified: bool = False


CONSUMERS = Hook[Callable[[InboundMail], None]]()


def announce(arrival: InboundMail) -> None:
    """Tell every consumer, in the transaction that stores the arrival."""
    for consumer in CONSUMERS:
        consumer(arrival)
