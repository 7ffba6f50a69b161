"""Ending actions that were not decided in time, and a notification the day before (approvals-7)."""

from datetime import timedelta

import structlog
from django.db.models import DateTimeField, Exists, ExpressionWrapper, OuterRef, QuerySet

from accounts.services import notices
from approvals import labels, links
from approvals.ledger import transitions
from approvals.models import Action, Step
from approvals.vocabulary import Detail, Status
from core import clock
from core.actor import Actor
from core.db import unit
from core.errors import Conflict

log = structlog.get_logger(__name__)
BATCH = 200
DAY_BEFORE = timedelta(days=1)
_TOLD = "reminded"


def expire_due() -> int:
    """Cancel every waiting action whose deadline has passed; returns the number."""
    due = Action.objects.pending().filter(expires_at__lte=clock.now()).order_by("expires_at")
    expired = 0
    for action in due[:BATCH]:
        actor = Actor.for_job("approvals.expire", str(action.workspace_id))
        try:
            with unit():
                transitions.move(actor, action, Status.CANCELLED, "expired", detail=Detail.EXPIRED)
        except Conflict:
            continue  # decided at the last moment: that decision counts
        expired += 1
    if expired:
        log.info("approvals.expired", count=expired)
    return expired


def remind_due() -> int:
    """Notify the deciders of each action that ends within a day; returns the number of actions.

    Once per deadline: a line in the action's history records it.
    """
    reminded = 0
    for action in _ending()[:BATCH]:
        with unit():
            reminded += _remind(action)
    return reminded


def _ending() -> QuerySet[Action]:
    starts = ExpressionWrapper(OuterRef("expires_at") - DAY_BEFORE, output_field=DateTimeField())
    told = Step.objects.filter(action=OuterRef("pk"), what=_TOLD, at__gte=starts)
    moment = clock.now()
    rows = Action.objects.pending().filter(
        ~Exists(told), expires_at__gt=moment, expires_at__lte=moment + DAY_BEFORE
    )
    return rows.order_by("expires_at", "pk")


def _remind(action: Action) -> bool:
    # The row is locked, so a second process finds the first one's line.
    if not _ending().select_for_update(of=("self",)).filter(pk=action.pk).exists():
        return False
    place = str(action.workspace_id)
    transitions.record_step(Actor.for_job("approvals.expire", place), action, _TOLD)
    notices.post(
        place,
        [str(action.assigned_to_id)] if action.assigned_to_id else notices.deciders_of(place),
        notices.Kind.EXPIRY,
        f"{_TOLD}:{action.pk}:{action.expires_at:%Y-%m-%dT%H:%M:%S}",
        what=f"{labels.label_of(action)}: less than a day left to decide",
        path=links.path(str(action.pk)),
        name=labels.short_headline(action),
    )
    return True
