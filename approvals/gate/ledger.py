"""The ledger for core.operations: the gate, the stop, and the log of external reads."""

from typing import Any

from approvals.attention import lists
from approvals.drafting import taint, taint_log
from approvals.gate import proposals
from approvals.models import Action
from approvals.stopping import stops
from core.actor import Actor
from core.operations import Operation, Request


class ApprovalsLedger:
    """Implements core.operations.Ledger."""

    def plan(
        self, actor: Actor, operation: Operation, data: Any, request: Request
    ) -> proposals.GatePlan:
        return proposals.plan(actor, operation, data, request)

    def current_status(self, actor: Actor, action_id: str) -> str | None:
        rows = Action.objects.visible_to(actor).filter(pk=action_id)
        return rows.values_list("status", flat=True).first()

    def check_not_paused(self, actor: Actor, operation: Operation) -> None:
        stops.check(actor, operation)

    def paused(self, actor: Actor) -> str:
        return stops.said_to(actor)

    def note_reading(self, actor: Actor, objects: list[str]) -> None:
        taint_log.record_taint(actor, objects)

    def is_tainted(self, actor: Actor) -> bool:
        return taint.is_tainted(actor)

    def extras(self, actor: Actor) -> dict[str, Any]:
        return lists.for_answers(actor)
