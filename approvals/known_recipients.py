"""Known recipients (sending-5): people with a delivered message that a person here approved, or who
answered one of our messages, as verified by the receiving server.
"""

from collections.abc import Iterable

from approvals.models import Recipient
from approvals.vocabulary import Status
from crm.models import Message


def known_among(workspace_id: str, addresses: Iterable[str]) -> set[str]:
    """Those of the addresses that are known. Being a contact is not enough."""
    asked = list(addresses)
    rows = Recipient.objects.filter(
        workspace_id=workspace_id,
        address__in=asked,
        action__status=Status.COMPLETED,
        action__decided_by__isnull=False,
        action__rendered__isnull=False,
    )
    answered = Message.objects.filter(
        workspace_id=workspace_id, from_address__in=asked, verified=True
    )
    known = rows.values_list("address", flat=True)
    return set(known.union(answered.values_list("from_address", flat=True)))
