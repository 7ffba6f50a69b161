"""Announces incoming mail to upper apps (layers-2): the ledger stops sends on a reply."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from core.hooks import Hook


@dataclass(frozen=True, slots=True)
class InboundMail:
    """One incoming message or report of a workspace.

    replied: a person at `address` wrote. `verified` is true when the receiving server vouches for
    the sender (DMARC) and it answers a message we sent; `about` is then that message's id.
    bounced, complaint: a report that quotes the message id `about`. A report by mail is unverified:
    the consumer must recognise the id as its own. A report signed by a provider is verified, and
    `about` is the provider's id; `address` is empty for several recipients.
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
    """Call every consumer, in the transaction that stores the message."""
    for consumer in CONSUMERS:
        consumer(arrival)
