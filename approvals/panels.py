"""The ledger's part of a contact or company: the last actions, and what waits to change it."""

from typing import Any

from django.db.models import QuerySet

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

    def __call__(self, actor: Actor, record_id: str) -> dict[str, Any]:
        """The last 10 actions and up to 10 waiting record changes."""
        rows = Action.objects.visible_to(actor).filter(contact=record_id).order_by("-id")
        return {
            "actions": [as_json(summary_of(row)) for row in rows[:ACTIONS_SHOWN]],
            "pending_changes": _waiting(rows),
        }


class CompanyLedgerPanel:
    """Adds `pending_changes` to a company."""

    scope = Scope.ACTIONS_READ
    keys: tuple[str, ...] = ("pending_changes",)

    def __call__(self, actor: Actor, record_id: str) -> dict[str, Any]:
        """Up to 10 waiting changes of the company itself, not of its contacts."""
        rows = Action.objects.visible_to(actor).filter(company=record_id, contact=None)
        return {"pending_changes": _waiting(rows.order_by("-id"))}


def _waiting(rows: QuerySet[Action]) -> list[dict[str, Any]]:
    waiting = rows.filter(status=Status.PENDING, rendered__isnull=True)[:ACTIONS_SHOWN]
    return [
        {"action_id": str(row.pk), "type": row.type, "properties": _properties(row)}
        for row in waiting
    ]


def _properties(row: Action) -> dict[str, Any]:
    wanted: dict[str, Any] = row.params.get("properties", {})
    return lengths.cut(wanted)[0]
