"""The actor's attention items, for pages, tools and REST."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from approvals.attention.kinds import WORDS, Kind
from approvals.attention.schemas import AttentionOut, AttentionPage, ListAttention
from approvals.models import Attention
from core.access import Scope
from core.actor import Actor
from core.operations import Effect, operation
from core.schemas import as_json


@dataclass(frozen=True, slots=True)
class Alert:
    """An attention item about something other than an action."""

    subject_id: str
    what: str  # ours: "The sender Mia Moss: does not work any more; what goes through it waits"
    count: int
    opened_at: datetime
    url: str


IN_A_REVIEW = 5


@operation(
    "approvals.attention.list", schema=ListAttention, scope=Scope.ACTIONS_READ, effect=Effect.READ
)
def list_attention(actor: Actor, data: ListAttention) -> AttentionPage:
    """The caller's open rows, newest first."""
    return _page(actor, data.limit)


def count(actor: Actor) -> int:
    """The number of the actor's open rows."""
    return Attention.objects.open_for(actor).count()


def for_answers(actor: Actor) -> dict[str, Any]:
    """The summary in every changing answer, for callers that may read the queue."""
    if actor.user_id is None or not actor.has_scope(Scope.ACTIONS_READ):
        return {}
    return {"attention_count": count(actor)}


def for_review(actor: Actor) -> dict[str, Any]:
    """The first five and the total."""
    page = _page(actor, IN_A_REVIEW)
    return {"items": [as_json(row) for row in page.attention], "total": page.total}


def sentences(actor: Actor, subject_id: str) -> list[str]:
    """Why an action needs the actor's attention, in words."""
    rows = Attention.objects.open_for(actor).filter(subject_id=subject_id)
    return [WORDS[Kind(row.kind)] for row in rows]


def of_actions(actor: Actor) -> dict[str, list[str]]:
    """The same for every action with an open item, by id."""
    found: dict[str, list[str]] = {}
    rows = Attention.objects.open_for(actor).exclude(action=None)
    for action_id, kind in rows.values_list("action_id", "kind"):
        found.setdefault(str(action_id), []).append(WORDS[Kind(kind)])
    return found


def alerts(actor: Actor) -> list[Alert]:
    """Open rows about something other than an action: channels, agents, rules."""
    return [
        Alert(row.subject_id, _what(row), row.count, row.opened_at, row.path)
        for row in Attention.objects.open_for(actor).filter(action=None)[:50]
    ]


def _page(actor: Actor, limit: int) -> AttentionPage:
    rows = Attention.objects.open_for(actor)
    return AttentionPage(attention=[_out(row) for row in rows[:limit]], total=rows.count())


def _what(row: Attention) -> str:
    return f"{row.about}: {WORDS[Kind(row.kind)]}"


def _out(row: Attention) -> AttentionOut:
    return AttentionOut(
        kind=row.kind,
        what=_what(row),
        subject_id=row.subject_id,
        action_id=str(row.action_id) if row.action_id else None,
        count=row.count,
        opened_at=row.opened_at,
        review_url=f"{settings.PUBLIC_BASE_URL}{row.path}",
    )
