"""The suppression list: addresses that get nothing, regardless of any request (inbound-5)."""

from collections.abc import Iterable

from approvals.models import Suppression
from core.actor import Actor

WORDS = {
    "unsubscribed": "unsubscribed",
    "bounced": "bounced earlier",
    "complained": "complained about a message",
    "by_hand": "was added to the suppression list",
}


def suppressed_among(workspace_id: str, addresses: Iterable[str]) -> dict[str, str]:
    """Those of the addresses that get nothing, and why in words."""
    rows = Suppression.objects.filter(
        workspace_id=workspace_id, address__in=[text.lower() for text in addresses]
    ).holding()
    return {row.address: WORDS[row.reason] for row in rows}


def entries(actor: Actor, search: str = "") -> list[Suppression]:
    """The addresses of the workspace that get nothing, newest first; at most 500."""
    rows = Suppression.objects.visible_to(actor).holding()
    if search:
        rows = rows.filter(address__contains=search.lower())
    return list(rows.order_by("-added_at", "-id")[:500])
