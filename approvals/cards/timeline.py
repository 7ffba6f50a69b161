"""The ledger's part of a contact's timeline: actions, their times and outcomes."""

from django.db.models import QuerySet

from approvals import labels
from approvals.models import Action
from core.access import Scope
from core.actor import Actor
from crm.schemas.timeline import ActionEntry
from crm.timeline import Source, TimelineQuery

_SHOWN = ("created_at", "type", "status", "status_detail", "rendered", "drafted_on")


def _actions(actor: Actor, asked: TimelineQuery) -> QuerySet[Action]:
    rows = Action.objects.visible_to(actor).filter(contact=asked.contact_id)
    return rows.only(*_SHOWN)


def _entry(_: Actor, __: TimelineQuery, action: Action) -> ActionEntry:
    return ActionEntry(
        at=action.created_at,
        action_id=str(action.pk),
        action_type=action.type,
        status=action.status,
        status_detail=action.status_detail or None,
        headline=labels.headline(action),
    )


ACTIONS = Source("action", Scope.ACTIONS_READ, "act", "created_at", _actions, _entry)
