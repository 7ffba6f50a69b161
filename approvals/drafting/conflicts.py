"""Other messages to the same person, held back by a lane or settled at approval (approvals-11)."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from approvals.models import Action
from approvals.vocabulary import HELD, Status
from core.actor import ActorKind

SENTENCE = "Another message to this person is waiting or being sent."


def other_messages(
    workspace_id: str, contact_id: str | None, addresses: Iterable[str], but: str | None
) -> QuerySet[Action]:
    """Messages waiting or under way to the contact, or else to one of the addresses.

    Actions about a contact with other recipients (Slack, HubSpot) do not count.
    """
    named = list(addresses)
    whom: dict[str, Any] = (
        {"contact": contact_id, "recipients__isnull": False}
        if contact_id and named
        else {"recipients__address__in": named}
    )
    rows = Action.objects.filter(
        workspace_id=workspace_id,
        status__in=[Status.PENDING, Status.RUNNING, *HELD],
        rendered__isnull=False,
        **whom,
    )
    return (rows.exclude(pk=but) if but else rows).distinct().order_by("pk")


def to_settle(action: Action, found: list[Action]) -> list[Action]:
    """The other messages an approval must settle: both, or this one instead.

    Those of an agent or another person; one's own second draft is only shown. A reply to the person
    has priority and settles nothing.
    """
    if is_answer(action.params):
        return []
    return [row for row in found if _is_anothers(row, action)]


def is_answer(params: dict[str, Any]) -> bool:
    """Whether it is a reply in a conversation."""
    return bool(params.get("thread_id"))


def conflict_ids(found: list[Action]) -> str:
    """The ids of related messages, as form values."""
    return " ".join(sorted(str(row.pk) for row in found))


def _is_anothers(row: Action, action: Action) -> bool:
    is_agents = ActorKind.AGENT in {row.requester_kind, action.requester_kind}
    return is_agents or row.requested_by_id != action.requested_by_id
