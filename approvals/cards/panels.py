"""The ledger's part of a contact or company: the last actions and pending changes."""

from typing import Any

from django.db.models import QuerySet

from approvals.cards import lengths
from approvals.cards.actions import summary_of
from approvals.drafting import taint
from approvals.models import Action
from approvals.vocabulary import Status
from core.access import Scope
from core.actor import Actor
from core.compiled import Compiled
from core.schemas import as_json

ACTIONS_SHOWN = 10


class LedgerPanel:
    """Adds `actions` and `pending_changes` to a contact."""

    scope = Scope.ACTIONS_READ
    keys: tuple[str, ...] = ("actions", "pending_changes")

    def __call__(self, actor: Actor, record_id: str) -> dict[str, Any]:
        """The last 10 actions and up to 10 waiting record changes."""
        whose = actor.workspace_id, record_id
        return {
            "actions": [as_json(summary_of(row)) for row in _ACTIONS.rows(*whose)],
            "pending_changes": [_change(row) for row in _WAITING.rows(*whose)],
        }


class CompanyLedgerPanel:
    """Adds `pending_changes` to a company."""

    scope = Scope.ACTIONS_READ
    keys: tuple[str, ...] = ("pending_changes",)

    def __call__(self, actor: Actor, record_id: str) -> dict[str, Any]:
        """Up to 10 waiting changes of the company itself, not of its contacts."""
        rows = Action.objects.visible_to(actor).filter(company=record_id, contact=None)
        return {"pending_changes": [_change(row) for row in _waiting(rows)]}


def _of_contact(workspace: str, contact: str) -> QuerySet[Action]:
    return Action.objects.filter(workspace_id=workspace, contact=contact)


def _last(workspace: str, contact: str) -> QuerySet[Action]:
    return _of_contact(workspace, contact).order_by("-id")[:ACTIONS_SHOWN]


def _waiting(rows: QuerySet[Action]) -> QuerySet[Action]:
    waiting = rows.filter(status=Status.PENDING, rendered__isnull=True)
    return waiting.order_by("-id")[:ACTIONS_SHOWN]


def _waiting_for_contact(workspace: str, contact: str) -> QuerySet[Action]:
    return _waiting(_of_contact(workspace, contact))


_ACTIONS = Compiled(_last, "ws", "ct")
_WAITING = Compiled(_waiting_for_contact, "ws", "ct")


def _change(row: Action) -> dict[str, Any]:
    wanted: dict[str, Any] = row.params.get("properties", {})
    return {
        "action_id": str(row.pk),
        "type": row.type,
        "source": taint.source_of(row),
        "properties": lengths.cut_params(wanted)[0],
    }
