"""Who is known: somebody a person here decided to write to, and it was delivered (rules 7)."""

from collections.abc import Iterable

from approvals.models import Recipient
from approvals.vocabulary import Status


def known_among(workspace_id: str, addresses: Iterable[str]) -> set[str]:
    """Those of the addresses that are known. Being a contact is not being known."""
    rows = Recipient.objects.filter(
        workspace_id=workspace_id,
        address__in=list(addresses),
        action__status=Status.COMPLETED,
        action__decided_by__isnull=False,
        action__rendered__isnull=False,
    )
    return set(rows.values_list("address", flat=True))
