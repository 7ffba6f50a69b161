"""Contacts the ledger wrote to: the meaning of "contacted" in filters (crm.filters)."""

from datetime import datetime
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet

from approvals.models import Attempt, Recipient
from approvals.vocabulary import Status
from core.actor import Actor
from core.ddl import Guard
from crm.filters import Among
from crm.membership.dirty_contacts import marking

# A recorded call; the contacts it reached are marked for recalculation.
_REACHED = (
    "SELECT r.workspace_id, r.contact_id FROM {changed} c "
    "JOIN approvals_recipient r ON r.action_id = c.action_id WHERE r.contact_id IS NOT NULL "
    "UNION SELECT a.workspace_id, a.contact_id FROM {changed} c "
    "JOIN approvals_action a ON a.id = c.action_id WHERE a.contact_id IS NOT NULL"
)


def e_mailed(actor: Actor, moment: datetime, among: Among) -> QuerySet[Any, Any]:
    """The contacts an e-mail was delivered to at that moment or later."""
    rows = Recipient.objects.visible_to(actor).filter(
        among("contact"),
        contact__isnull=False,
        action__status=Status.COMPLETED,
        action__in=_delivered(actor, moment),
    )
    return rows.values("contact")


def messaged_contacts(actor: Actor, moment: datetime, among: Among) -> QuerySet[Any, Any]:
    """The contacts of messages without recipient addresses: LinkedIn."""
    rows = Attempt.objects.filter(
        among("action__contact"),
        workspace_id=actor.workspace_id,
        ended_at__gte=moment,
        action__contact__isnull=False,
        action__status=Status.COMPLETED,
        action__type__startswith="linkedin_",
    )
    return rows.values("action__contact")


def guards(connection: BaseDatabaseWrapper) -> list[Guard]:
    """The trigger that marks the contacts a call reached, for core.ddl."""
    columns = ("workspace_id", "action_id")
    return [marking(connection, "approvals_attempt", "UPDATE", "NEW", columns, _REACHED)]


def _delivered(actor: Actor, moment: datetime) -> QuerySet[Any, Any]:
    rows = Attempt.objects.filter(workspace_id=actor.workspace_id, ended_at__gte=moment)
    return rows.values("action")
