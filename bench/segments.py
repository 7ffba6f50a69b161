"""Fifty segments of every kind of condition, worked out for everybody, and after few changes."""

from collections.abc import Callable
from typing import Any

from django.db import connection

from bench.team import END, NAMES, TITLES, Team
from crm.membership import recompute
from crm.models import Contact, Segment, SegmentMember

SEGMENTS, CHANGED = 50, 200


def plant(team: Team) -> None:
    """Store the segments, none of them worked out, unless they are there."""
    if Segment.objects.filter(workspace_id=team.workspace).exists():
        return
    Segment.objects.bulk_create(
        Segment(
            workspace_id=team.workspace,
            name=f"Segment {number}",
            filter=_filter(number),
            stale_since=END,
            created_at=END,
            updated_at=END,
        )
        for number in range(SEGMENTS)
    )


def questions(team: Team) -> list[tuple[str, Callable[[], int]]]:
    """What a run of refresh_segments does, by what happened before it; returns the members."""

    def refresh() -> int:
        recompute.refresh(team.actor)
        return SegmentMember.objects.filter(workspace_id=team.workspace).count()

    def first() -> int:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE crm_segmentmember")
        recompute.mark_stale(team.actor)
        return refresh()

    def again() -> int:
        recompute.mark_stale(team.actor)
        return refresh()

    def after_changes() -> int:
        rows = Contact.objects.filter(pk__in=team.ids[5000 : 5000 + CHANGED])
        rows.update(jobtitle=TITLES[0])
        return refresh()

    return [
        ("the first working out", first),
        ("the nightly one, nobody comes or goes", again),
        (f"after {CHANGED} contacts changed", after_changes),
    ]


def _filter(number: int) -> dict[str, Any]:
    """By turns: a property, its opposite with another, events, few of them, silence."""
    title = {"field": "jobtitle", "op": "eq", "value": TITLES[number % len(TITLES)]}
    event = NAMES[number % len(NAMES)]
    kinds: tuple[dict[str, Any], ...] = (
        title,
        {"all": [{"not": title}, {"field": "properties.seats", "op": "gte", "value": number % 50}]},
        {"event": event, "within_days": 30 + number},
        {"event": event, "count": {"op": "gte", "value": 2}},
        {"all": [title, {"not_contacted_days": 30}]},
    )
    return kinds[number % len(kinds)]
