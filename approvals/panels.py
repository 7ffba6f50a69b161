"""The ledger's part of a contact: the last actions, and what waits to change it."""

from typing import Any

from approvals import lengths
from approvals.models import Action
from approvals.queries.actions import summary_of
from approvals.vocabulary import Status
from core.access import Scope
from core.actor import Actor
from core.schemas import as_json

ACTIONS_SHOWN = 10


class LedgerPanel:
    """Adds `actions` and `pending_changes` to a contact."""

    scope = Scope.ACTIONS_READ
    keys: tuple[str, ...] = ("actions", "pending_changes")

    def __call__(self, actor: Actor, contact_id: str) -> dict[str, Any]:
        """The last 10 actions and up to 10 waiting record changes."""
        rows = Action.objects.visible_to(actor).filter(contact=contact_id).order_by("-id")
        waiting = rows.filter(status=Status.PENDING, rendered__isnull=True)
        return {
            "actions": [as_json(summary_of(row)) for row in rows[:ACTIONS_SHOWN]],
            "pending_changes": [
                {"action_id": str(row.pk), "properties": _properties(row)}
                for row in waiting[:ACTIONS_SHOWN]
            ],
        }


def _properties(row: Action) -> dict[str, Any]:
    wanted: dict[str, Any] = row.params.get("properties", {})
    return lengths.cut(wanted)[0]
