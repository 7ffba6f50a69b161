"""Recomputes segment members: for changed contacts, or for all.

Each step is a transaction that holds its segment's row: each writer evaluates after the previous
one has written, so an older result never overwrites a newer one. The filter is read there too.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import connection
from django.db.models import Q, QuerySet, Value

from core import clock
from core.actor import Actor
from core.db import unit
from core.errors import AppError
from core.ids import PublicIdField, decode
from crm import filters
from crm.filters import Among
from crm.filters.references import referred_to
from crm.membership import locks
from crm.membership.locks import WorkspaceLock
from crm.models import Contact, DirtyContact, Segment, SegmentMember

log = structlog.get_logger(__name__)

# Batch size when all contacts are evaluated.
STRETCH = 2000
# Batch size for dirty contacts.
FEW = 500
# Above this number of marks, evaluating all contacts is cheaper.
MANY_MARKS = 5000
# Filters with relative days change members as time passes.
TIMED_EVERY = timedelta(hours=1)
# Interval at which dirty contacts are evaluated during a full recomputation.
MARKS_EVERY = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks read: their ids, oldest first, their contacts, and whether there are too many."""

    ids: list[int]
    contacts: list[UUID]
    too_many: bool

    def stretches(self) -> list[Among]:
        """Narrow to the dirty contacts, in batches.

        By their ids: with a subquery, PostgreSQL evaluates the filter for all contacts first.
        """
        return [
            _among(self.contacts[number : number + FEW])
            for number in range(0, len(self.contacts), FEW)
        ]


def workspaces() -> list[str]:
    """The workspaces that have segments or marks."""
    found = set(Segment.objects.present().values_list("workspace", flat=True).distinct())
    found |= set(DirtyContact.objects.values_list("workspace", flat=True).distinct())
    return sorted(map(str, found))


def refresh(actor: Actor) -> int:
    """Recompute every segment of the workspace; returns the number of members added or removed.

    Does nothing while another run holds the lock. A segment that fails is logged and stays stale.
    """
    turn = locks.acquire(actor)
    if turn is None:
        return 0
    changed = 0
    try:
        for number in _rounds(actor, turn):
            changed += number
    except locks.LockLost:
        log.warning("segments.turn_lost", workspace=actor.workspace_id)
    finally:
        turn.give_back()
    return changed


def work_out(actor: Actor, segment_id: str) -> int:
    """Look at every contact; returns how many members came or went."""
    begun = clock.now()
    seen = Segment.objects.visible_to(actor).present().one(segment_id, "segment")
    changed = 0
    for among in _stretches(actor):
        with unit():
            number = _bring(actor, segment_id, among)
            if number and not changed:
                # With the first change: if the run dies later, the dependents are already marked.
                mark_stale(actor, [str(row.pk) for row in dependents(actor, segment_id)])
        changed += number
    members = SegmentMember.objects.visible_to(actor).filter(segment=segment_id)
    # Unless the filter changed or was marked again meanwhile: then it is still stale.
    same = {"updated_at": seen.updated_at, "stale_since": seen.stale_since}
    with unit():
        Segment.objects.visible_to(actor).filter(pk=segment_id, **same).update(
            stale=False, as_of=begun, worked_out_at=begun, contact_count=members.count()
        )
    return changed


def mark_stale(actor: Actor, segment_ids: Iterable[str] | None = None) -> None:
    """Mark segments for recalculation by the next run: these, or all of the workspace."""
    rows = Segment.objects.visible_to(actor).present()
    if segment_ids is not None:
        rows = rows.filter(pk__in=list(segment_ids))
    rows.update(stale=True, stale_since=clock.now())


def dependents(actor: Actor, segment_id: str) -> list[Segment]:
    """The segments whose filters name this one, by name."""
    rows = Segment.objects.visible_to(actor).present().order_by("name")
    return [row for row in rows if segment_id in referred_to(row.filter)]


def _rounds(actor: Actor, turn: WorkspaceLock) -> Iterator[int]:
    """The number of members added or removed; repeats until no work is left.

    Dirty contacts are evaluated between full recomputations, so changes show within a minute,
    however many of those there are.
    """
    failed: set[str] = set()
    while True:
        begun = clock.now()
        yield _after_marks(actor, turn, failed)
        waiting = [row for row in _in_order(actor) if _needs_everybody(row, begun)]
        waiting = [row for row in waiting if str(row.pk) not in failed]
        if not waiting:
            return
        for segment in waiting:
            turn.keep()
            yield _tried(segment, failed, lambda key: work_out(actor, key))
            if clock.now() - begun > MARKS_EVERY:
                break


def _after_marks(actor: Actor, turn: WorkspaceLock, failed: set[str]) -> int:
    """Look at the marked contacts, for every segment that is else up to date; forget the marks."""
    begun, marks = clock.now(), _marks(actor)
    if marks.too_many:
        with unit():
            # Marks seen now were committed before the full evaluation.
            mark_stale(actor)
            DirtyContact.objects.visible_to(actor).delete()
        return 0
    segments = _in_order(actor)
    changed, among = 0, marks.stretches()
    for segment in segments if among else []:
        if not segment.stale:
            turn.keep()
            changed += _tried(
                segment, failed, lambda key: sum(_bring(actor, key, some) for some in among)
            )
    others = [str(row.pk) for row in segments if row.stale or str(row.pk) in failed]
    with unit():
        if marks.ids:
            # A full evaluation under way may already have passed a dirty contact.
            mark_stale(actor, others)
            _forget(marks)
        true_now = [row.pk for row in segments if str(row.pk) not in others and not _is_timed(row)]
        rows = Segment.objects.visible_to(actor).filter(pk__in=true_now, as_of__lt=begun)
        rows.update(as_of=begun)
    return changed


def _tried(segment: Segment, failed: set[str], bring: Callable[[str], int]) -> int:
    try:
        return bring(str(segment.pk))
    except AppError as refusal:
        log.warning("segment.failed", segment=str(segment.pk), code=refusal.code)
        failed.add(str(segment.pk))
        return 0


def _needs_everybody(segment: Segment, now: datetime) -> bool:
    last = segment.worked_out_at
    is_late = last is None or last <= now - TIMED_EVERY
    return segment.stale or (is_late and _is_timed(segment))


def _is_timed(segment: Segment) -> bool:
    try:
        return filters.depends_on_time(filters.parse(segment.filter))
    except AppError:
        return False


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
        for number in range(0, len(gone), STRETCH):
            SegmentMember.objects.filter(pk__in=gone[number : number + STRETCH]).delete()
        new = _add(segment, wanted.exclude(pk__in=members.values("contact")))
        if gone or new:
            count = max(0, segment.contact_count - len(gone) + new)
            Segment.objects.filter(pk=segment.pk).update(contact_count=count)
    return len(gone) + new


def _add(segment: Segment, contacts: QuerySet[Contact]) -> int:
    """Inside the database: the ids of fifty thousand members need not travel."""
    rows = contacts.annotate(
        place=Value(segment.workspace_id, PublicIdField("ws")),
        group=Value(segment.pk, PublicIdField("seg")),
    )
    sql, given = rows.order_by().values_list("place", "group", "pk").query.sql_with_params()
    into = "INSERT INTO crm_segmentmember (workspace_id, segment_id, contact_id)"
    with connection.cursor() as cursor:
        cursor.execute(f"{into} {sql} ON CONFLICT DO NOTHING", given)
        return int(cursor.rowcount)


def _stretches(actor: Actor) -> Iterator[Among]:
    """Ranges of ids that cover every contact; the last is open."""
    rows = Contact.objects.visible_to(actor).order_by("pk").values_list("pk", flat=True)
    low: str | None = None
    while True:
        following = rows.filter(pk__gt=low) if low else rows
        high = following[STRETCH - 1 : STRETCH].first()
        yield _between(low, high)
        if high is None:
            return
        low = str(high)


def _among(contacts: list[UUID]) -> Among:
    return lambda column: Q(**{f"{column}__in": contacts})


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
    rows = DirtyContact.objects.visible_to(actor).order_by("pk").values_list("pk", "contact_id")
    found = list(rows[: MANY_MARKS + 1])
    named = dict.fromkeys(decode("ct", str(contact)) for _, contact in found)
    contacts = [contact for contact in named if contact is not None]
    return Marks([mark for mark, _ in found], contacts, len(found) > MANY_MARKS)


def _forget(marks: Marks) -> None:
    """Delete only the marks that were read: a slow writer may add one with a smaller id later."""
    for number in range(0, len(marks.ids), STRETCH):
        DirtyContact.objects.filter(pk__in=marks.ids[number : number + STRETCH]).delete()
