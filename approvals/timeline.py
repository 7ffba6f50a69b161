"""The ledger's part of a contact's timeline: what was asked for, when, and what became of it."""

from approvals.models import Action
from approvals.queries import words
from core.access import Scope
from core.actor import Actor
from crm.schemas.timeline import ActionEntry
from crm.timeline import Asked, Placed, Source, placed


def _actions(actor: Actor, asked: Asked) -> list[Placed]:
    rows = Action.objects.visible_to(actor).filter(contact=asked.contact_id)
    return [
        placed(action.created_at, action.pk, _entry(action))
        for action in asked.of(rows, "action", "created_at")
    ]


def _entry(action: Action) -> ActionEntry:
    return ActionEntry(
        at=action.created_at,
        action_id=str(action.pk),
        action_type=action.type,
        status=action.status,
        status_detail=action.status_detail or None,
        headline=words.headline(action),
    )


ACTIONS = Source("action", Scope.ACTIONS_READ, _actions)
