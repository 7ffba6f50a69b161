"""Bringing the rows of members up to date: for contacts that changed, or for all of them.

Each step is a transaction that holds its segment's row: whoever writes members has looked after the
one before him had written, so an older answer never overwrites a newer one. The filter is read
there too.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db.models import Q

from core import clock
from core.actor import Actor
from core.db import unit
from core.errors import AppError
from crm import filters
from crm.filters import Among
from crm.filters.references import referred_to
from crm.models import Contact, ContactMark, Segment, SegmentMember

log = structlog.get_logger(__name__)

# So many contacts a transaction, when all of them are looked at.
STRETCH = 2000
# Above so many marks, looking at everybody costs less.
MANY_MARKS = 5000
# Filters that speak of days change their members by the mere passing of time.
TIMED_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks there were: their ids, oldest first, and whether they are too many."""

    ids: list[int]
    too_many: bool

    def contacts(self, actor: Actor) -> Among:
        """Narrows to the marked contacts, by the rows themselves: no list of ids is sent."""
        rows = ContactMark.objects.visible_to(actor).filter(pk__lte=self.ids[-1])
        return lambda column: Q(**{f"{column}__in": rows.values("contact_id")})


def workspaces() -> list[str]:
    """The workspaces that have segments or marks."""
    found = set(Segment.objects.present().values_list("workspace", flat=True).distinct())
    found |= set(ContactMark.objects.values_list("workspace", flat=True).distinct())
    return sorted(map(str, found))


def refresh(actor: Actor) -> int:
    """Bring every segment of the workspace up to date; returns how many members came or went.

    A segment that fails is logged and stays stale; the marks are kept for it.
    """
    begun = clock.now()
    marks = _marks(actor)
    if marks.too_many:
        with unit():
            # What is marked now was committed before everybody is looked at, below.
            mark_stale(actor)
            ContactMark.objects.visible_to(actor).delete()
        marks = Marks([], too_many=False)
    changed, failed, moved = 0, False, set[str]()
    for segment in _in_order(actor):
        try:
            number = _refresh_one(actor, segment, marks, begun, moved)
        except AppError as refusal:
            log.warning("segment.failed", segment=str(segment.pk), code=refusal.code)
            failed = True
            continue
        changed += number
    if not failed:
        _forget(marks)
    return changed


def work_out(actor: Actor, segment_id: str) -> int:
    """Look at every contact; returns how many members came or went."""
    begun = clock.now()
    seen = Segment.objects.visible_to(actor).present().one(segment_id, "segment")
    number = sum(_bring(actor, segment_id, among) for among in _stretches(actor))
    members = SegmentMember.objects.visible_to(actor).filter(segment=segment_id)
    # Unless somebody changed the filter or asked again meanwhile: then it is stale still.
    same = {"updated_at": seen.updated_at, "stale_since": seen.stale_since}
    with unit():
        Segment.objects.visible_to(actor).filter(pk=segment_id, **same).update(
            stale=False, as_of=begun, worked_out_at=begun, contact_count=members.count()
        )
    return number


def mark_stale(actor: Actor, segment_ids: Iterable[str] | None = None) -> None:
    """Have segments worked out anew by the next run: these, or all of the workspace."""
    rows = Segment.objects.visible_to(actor).present()
    if segment_ids is not None:
        rows = rows.filter(pk__in=list(segment_ids))
    rows.update(stale=True, stale_since=clock.now())


def dependents(actor: Actor, segment_id: str) -> list[Segment]:
    """The segments whose filters name this one, by name."""
    rows = Segment.objects.visible_to(actor).present().order_by("name")
    return [row for row in rows if segment_id in referred_to(row.filter)]


def _refresh_one(
    actor: Actor, segment: Segment, marks: Marks, begun: datetime, moved: set[str]
) -> int:
    """`moved` are the segments of this run that looked at everybody and changed."""
    is_timed = _is_timed(segment)
    last = segment.worked_out_at
    is_due = is_timed and (last is None or last <= begun - TIMED_EVERY)
    if segment.stale or is_due or moved & referred_to(segment.filter):
        number = work_out(actor, str(segment.pk))
        if number:
            moved.add(str(segment.pk))
        return number
    number = _bring(actor, str(segment.pk), marks.contacts(actor)) if marks.ids else 0
    if not is_timed:
        rows = Segment.objects.visible_to(actor).filter(pk=segment.pk, as_of__lt=begun)
        rows.update(as_of=begun)
    return number


def _is_timed(segment: Segment) -> bool:
    return filters.depends_on_time(filters.parse(segment.filter))


def _bring(actor: Actor, segment_id: str, among: Among) -> int:
    """Write who of these contacts is in the segment now; returns how many came or went."""
    with unit():
        rows = Segment.objects.visible_to(actor).present().select_for_update()
        segment = rows.one(segment_id, "segment")
        wanted = filters.contacts_matching(actor, filters.parse(segment.filter), among)
        members = SegmentMember.objects.visible_to(actor).filter(
            among("contact"), segment=segment_id
        )
        # Read first, then written: SQLite sees its own deletions in a query under way.
        gone = list(members.exclude(contact__in=wanted.values("pk")).values_list("pk", flat=True))
        new = list(wanted.exclude(pk__in=members.values("contact")).values_list("pk", flat=True))
        _write(segment, gone, new)
    return len(gone) + len(new)


def _write(segment: Segment, gone: list[int], new: list[str]) -> None:
    for number in range(0, len(gone), STRETCH):
        SegmentMember.objects.filter(pk__in=gone[number : number + STRETCH]).delete()
    SegmentMember.objects.bulk_create(
        [
            SegmentMember(
                workspace_id=segment.workspace_id, segment_id=segment.pk, contact_id=contact
            )
            for contact in new
        ],
        batch_size=500,
        ignore_conflicts=True,
    )
    if gone or new:
        count = segment.contact_count - len(gone) + len(new)
        Segment.objects.filter(pk=segment.pk).update(contact_count=max(0, count))


def _stretches(actor: Actor) -> Iterator[Among]:
    """Every contact there ever was, a stretch of ids at a time; the last has no end."""
    rows = Contact.objects.visible_to(actor).order_by("pk").values_list("pk", flat=True)
    low: str | None = None
    while True:
        following = rows.filter(pk__gt=low) if low else rows
        high = following[STRETCH - 1 : STRETCH].first()
        yield _between(low, high)
        if high is None:
            return
        low = str(high)


def _between(low: str | None, high: Any) -> Among:
    def among(column: str) -> Q:
        above = Q(**{f"{column}__gt": low}) if low else Q()
        return above & Q(**{f"{column}__lte": high}) if high else above

    return among


def _in_order(actor: Actor) -> list[Segment]:
    """The segments, each after those its filter names."""
    waiting = {str(row.pk): row for row in Segment.objects.visible_to(actor).present()}
    ordered: list[Segment] = []
    while waiting:
        ready = [
            key for key, row in waiting.items() if not referred_to(row.filter) & waiting.keys()
        ]
        # A circle can't be saved; should one be there, it must not stop the others.
        ordered += [waiting.pop(key) for key in ready or list(waiting)]
    return ordered


def _marks(actor: Actor) -> Marks:
    rows = ContactMark.objects.visible_to(actor).order_by("pk").values_list("pk", flat=True)
    ids = list(rows[: MANY_MARKS + 1])
    return Marks(ids, too_many=len(ids) > MANY_MARKS)


def _forget(marks: Marks) -> None:
    """Those that were seen and no others: one that a slow writer adds later has a smaller id."""
    for number in range(0, len(marks.ids), STRETCH):
        ContactMark.objects.filter(pk__in=marks.ids[number : number + STRETCH]).delete()
