"""Create and change segments.

They are definitions, not records of a person: nothing is sent and nothing is lost, so they are not
gated. They determine which contacts agents review, so only reviewers create and change them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction

from core import clock
from core.access import Role, Scope
from core.actor import Actor
from core.errors import Conflict, ValidationFailed
from core.operations import Effect, operation
from core.outcomes import Effected
from crm import filters
from crm.membership import recompute
from crm.models import Contact, Segment
from crm.queries.memberships import present_segment
from crm.queries.segments import segment_out
from crm.records import restorable
from crm.schemas.segments import (
    CreateSegment,
    DeleteSegment,
    RestoreSegment,
    SegmentDetails,
    UpdateSegment,
)

MAX_SEGMENTS = 200
# Above this number of contacts members are computed after the answer, which says `stale`.
AT_ONCE = 20_000


@operation(
    "crm.segment.create",
    schema=CreateSegment,
    scope=Scope.SEGMENTS_WRITE,
    effect=Effect.ADD,
    propose_role=Role.REVIEWER,
    run_role=Role.REVIEWER,
)
def create_segment(actor: Actor, data: CreateSegment) -> Effected[SegmentDetails]:
    """Add a segment and compute its members.

    Raises Conflict for a taken name and above 200 segments, ValidationFailed for a wrong filter,
    NotFound for a segment it refers to that does not exist.
    """
    wanted = filters.parse(data.filter)
    filters.check(actor, wanted)
    if Segment.objects.visible_to(actor).present().count() >= MAX_SEGMENTS:
        raise Conflict(
            f"A workspace can have at most {MAX_SEGMENTS} segments.",
            hint="Delete an unused one first.",
        )
    now = clock.now()
    segment = Segment(
        workspace_id=actor.workspace_id,
        name=data.name.strip(),
        description=data.description.strip(),
        filter=filters.as_data(wanted),
        stale_since=now,
        created_by_id=actor.user_id,
        created_at=now,
        updated_at=now,
    )
    with _named(segment.name):
        segment.save(force_insert=True)
    return _answer(actor, segment)


@operation(
    "crm.segment.update",
    schema=UpdateSegment,
    scope=Scope.SEGMENTS_WRITE,
    effect=Effect.CHANGE,
    idempotent=True,
    propose_role=Role.REVIEWER,
    run_role=Role.REVIEWER,
)
def update_segment(actor: Actor, data: UpdateSegment) -> Effected[SegmentDetails]:
    """Change a segment; with another filter its members are recalculated.

    Raises Conflict for a taken name, ValidationFailed for an invalid filter or one that refers to
    the segment itself.
    """
    segment = present_segment(actor, data.segment_id)
    changes = _changes(actor, segment, data)
    if not changes:
        return Effected[SegmentDetails](resource=SegmentDetails(segment=segment_out(segment)))
    previous = {name: getattr(segment, name) for name in changes}
    seen, now = segment.updated_at, clock.now()
    if "filter" in changes:
        changes |= {"stale": True, "stale_since": now}
    same = Segment.objects.visible_to(actor).present().filter(pk=segment.pk, updated_at=seen)
    with _named(changes.get("name", segment.name)):
        if not same.update(updated_at=now, **changes):
            raise Conflict(
                "The segment was changed at the same time.", hint="Read it and try again."
            )
    if "filter" not in changes:
        segment.refresh_from_db()
        resource = SegmentDetails(segment=segment_out(segment))
        return Effected[SegmentDetails](resource=resource, previous=previous)
    return _answer(actor, segment, previous)


@operation(
    "crm.segment.delete",
    schema=DeleteSegment,
    scope=Scope.SEGMENTS_WRITE,
    effect=Effect.DELETE,
    idempotent=True,
    propose_role=Role.ADMIN,
    run_role=Role.ADMIN,
)
def delete_segment(actor: Actor, data: DeleteSegment) -> Effected:
    """Hide a segment; an admin can bring it back for 30 days. Conflict while another names it."""
    segment = present_segment(actor, data.segment_id)
    users = recompute.dependents(actor, str(segment.pk))
    if users:
        raise Conflict(
            "Another segment uses this one.",
            hint="Change that segment first.",
            segment_id=str(users[0].pk),
        )
    Segment.objects.visible_to(actor).filter(pk=segment.pk).update(deleted_at=clock.now())
    return Effected(resource={"segment": {"segment_id": data.segment_id, "deleted": True}})


@operation(
    "crm.segment.restore",
    schema=RestoreSegment,
    scope=Scope.SEGMENTS_WRITE,
    effect=Effect.CHANGE,
    idempotent=True,
    propose_role=Role.ADMIN,
    run_role=Role.ADMIN,
)
def restore_segment(actor: Actor, data: RestoreSegment) -> Effected[SegmentDetails]:
    """Bring a segment back. Raises Conflict when another has its name by now."""
    rows = Segment.objects.visible_to(actor).filter(restorable())
    segment = rows.one(data.segment_id, "segment")
    filters.check(actor, filters.parse(segment.filter), str(segment.pk))
    with _named(segment.name):
        rows.filter(pk=segment.pk).update(
            deleted_at=None, stale=True, stale_since=clock.now(), updated_at=clock.now()
        )
    return _answer(actor, segment)


def forget_deleted() -> int:
    """Remove segments deleted 30 days ago, with their members; returns how many."""
    rows = Segment.objects.filter(deleted_at__isnull=False).exclude(restorable())
    return rows.delete()[1].get("crm.Segment", 0)


def _changes(actor: Actor, segment: Segment, data: UpdateSegment) -> dict[str, Any]:
    if not data.model_fields_set - {"segment_id"}:
        raise ValidationFailed("Set a name, a description or a filter to change.")
    given: dict[str, Any] = {}
    if data.name is not None:
        given["name"] = data.name.strip()
    if data.description is not None:
        given["description"] = data.description.strip()
    if data.filter is not None:
        wanted = filters.parse(data.filter)
        filters.check(actor, wanted, str(segment.pk))
        given["filter"] = filters.as_data(wanted)
    return {name: value for name, value in given.items() if value != getattr(segment, name)}


def _answer(
    actor: Actor, segment: Segment, previous: dict[str, Any] | None = None
) -> Effected[SegmentDetails]:
    if Contact.objects.visible_to(actor).present().count() <= AT_ONCE:
        recompute.work_out(actor, str(segment.pk))
    segment.refresh_from_db()
    return Effected[SegmentDetails](
        resource=SegmentDetails(segment=segment_out(segment)), previous=previous
    )


@contextmanager
def _named(name: str) -> Iterator[None]:
    if not name:
        raise ValidationFailed("A segment needs a name.", field="name")
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise Conflict("Another segment already has this name.", field="name") from None
