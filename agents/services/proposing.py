"""Proposing a decision: each intent goes through its type's own operation and the gate.

A resumed run repeats its proposals; the idempotency key of each intent leads to the same row of the
ledger, and `Proposed` is written once.
"""

from typing import Any

from agents.models import Proposed, Run, Target
from approvals import registry
from core import clock, operations
from core.actor import Actor
from core.db import unit
from core.errors import AppError, Paused, QueueFull
from core.operations import Proposal, Request
from core.outcomes import Verdict
from core.schemas import plain_name
from jobs.job_context import Running

_REFUSED = Verdict.REFUSED.value
_WHY = 500


def propose(job: Running, actor: Actor, run: Run, target: Target) -> None:
    """Queue a contact's decided proposals that are not queued yet. Raises Lost."""
    decided = target.decision or {}
    done = set(Proposed.objects.filter(target=target).values_list("intent", flat=True))
    for position, intent in enumerate(decided.get("intents", [])):
        if intent["kind"] not in done:
            answer = _submitted(job, actor, run, target, intent)
            _keep(job, target, position, intent, answer)


def _submitted(
    job: Running, actor: Actor, run: Run, target: Target, intent: dict[str, Any]
) -> dict[str, Any]:
    """Submit one intent and return the result; an error is a result too."""
    kind = registry.creatable(intent["action_type"])
    request = Request(
        require_approval=True,
        dry_run=run.rehearsal,
        idempotency_key=f"{run.pk}:{target.pk}:{intent['kind']}",
        proposal=Proposal(
            identity_id=run.setup["identity_id"] if kind.needs_identity else None,
            contact_id=str(target.contact_id),
            description=intent["reasoning"],
            evidence=tuple(intent["evidence"]),
        ),
        guard=job.hold,
    )
    try:
        return operations.submit(actor, kind.declared, intent["params"], request)
    except (Paused, QueueFull):
        raise
    except AppError as refusal:
        if refusal.retryable:
            raise
        return {"status": _REFUSED, "why": refusal.message}


def _keep(
    job: Running, target: Target, position: int, intent: dict[str, Any], answer: dict[str, Any]
) -> None:
    with unit():
        job.hold()
        Proposed.objects.get_or_create(
            target=target,
            intent=intent["kind"],
            defaults={
                "workspace_id": target.workspace_id,
                "position": position,
                "type": intent["action_type"],
                "params": intent["params"],
                "reasoning": intent["reasoning"],
                "evidence": intent["evidence"],
                "verdict": answer["status"],
                "why": plain_name(str(answer.get("why") or ""), _WHY),
                "action_id": answer.get("action_id"),
                "created_at": clock.now(),
            },
        )
