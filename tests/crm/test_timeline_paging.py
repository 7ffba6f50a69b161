"""The pages of a timeline, put together, are the naive sort of everything in it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import Model
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from approvals.models import Action
from crm.models import Contact, Event, Message, Note, StageChange, Thread
from tests import factories
from tests.core import rows
from tests.crm.team import Team, ask, team

__all__ = ["team"]

BEGIN = datetime(2026, 11, 20, tzinfo=UTC)
TABLES: list[tuple[str, type[Model], str]] = [
    ("event", Event, "timestamp"),
    ("message", Message, "sent_at"),
    ("note", Note, "created_at"),
    ("action", Action, "created_at"),
    ("stage_change", StageChange, "at"),
]

# Few moments, so that many rows share one; some differ by the smallest step there is.
moments = st.builds(
    lambda minute, micro: BEGIN + timedelta(minutes=minute, microseconds=micro),
    st.integers(0, 2),
    st.sampled_from([0, 1, 999_999]),
)
happenings = st.lists(st.tuples(st.sampled_from([name for name, *_ in TABLES]), moments))


def happen(ana: Contact, kind: str, moment: datetime) -> None:
    """Store a row of the kind at the moment."""
    place = ana.workspace
    made: dict[str, Callable[[], Any]] = {
        "event": lambda: factories.event(ana, timestamp=moment),
        "message": lambda: factories.message(Thread.objects.get(), sent_at=moment),
        "note": lambda: rows.make(Note, place, contact=ana, created_at=moment),
        "action": lambda: rows.make(
            Action, place, contact=ana, type="update_contact", created_at=moment
        ),
        "stage_change": lambda: rows.make(StageChange, place, contact=ana, at=moment),
    }
    made[kind]()


def stored(kinds: list[str]) -> list[tuple[datetime, str]]:
    """Time and id of every row of the kinds."""
    return [
        found
        for kind, model, column in TABLES
        if kind in kinds
        for found in model._default_manager.values_list(column, "pk")
    ]


def key_of(row: dict[str, Any]) -> str:
    """The id of an entry."""
    return str(row[f"{row['type']}_id"])


@pytest.mark.django_db
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    before=happenings,
    between=happenings,
    limit=st.integers(1, 7),
    kinds=st.sets(st.sampled_from([name for name, *_ in TABLES]), min_size=1),
)
def test_pages_hold_every_row_once_in_order_whatever_arrives_meanwhile(
    team: Team,
    before: list[tuple[str, datetime]],
    between: list[tuple[str, datetime]],
    limit: int,
    kinds: set[str],
) -> None:
    ana = Contact.objects.filter(workspace=team.place).first() or factories.contact(team.place)
    for _, model, _ in TABLES:
        model._default_manager.all().delete()
    Thread.objects.first() or factories.thread(ana)
    for kind, moment in before:
        happen(ana, kind, moment)
    first = stored([*kinds])
    arriving, seen = list(between), []
    arguments: dict[str, Any] = {"contact_id": str(ana.pk), "limit": limit, "types": [*kinds]}
    while True:
        answer = ask(team.claude, "crm.contact.timeline", **arguments)
        seen += [(datetime.fromisoformat(row["at"]), key_of(row)) for row in answer["timeline"]]
        if "next_cursor" not in answer:
            break
        assert len(answer["timeline"]) == limit
        arguments["cursor"] = answer["next_cursor"]
        if arriving:
            happen(ana, *arriving.pop())

    assert len(set(seen)) == len(seen)
    assert [at for at, _ in seen] == sorted((at for at, _ in seen), reverse=True)
    assert set(first) <= set(seen) <= set(stored([*kinds]))
    if not between:
        rank = {model: place for place, (_, model, _) in enumerate(TABLES)}
        naive = sorted(
            (
                (at, rank[model], pk)
                for kind, model, column in TABLES
                if kind in kinds
                for at, pk in model._default_manager.values_list(column, "pk")
            ),
            reverse=True,
        )
        assert seen == [(at, pk) for at, _, pk in naive]
