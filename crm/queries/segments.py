from typing import Any

from core import clock
from core.access import Role, Scope
from core.actor import Actor
from core.answer_size import room_for, rows_that_fit
from core.operations import Effect, operation
from core.pagination import DEFAULT_LIMIT, SMALLER, page_of
from crm import filters
from crm.filters.fields import CONTACT_FIELDS, EVENT_FIELDS, OPS_OF, FieldRule
from crm.models import Segment, SegmentMember
from crm.queries.contacts import contact_out, summary_of
from crm.queries.memberships import members_of, present_segment
from crm.records import ROOM_IN_LIST, restorable
from crm.schemas.segments import (
    DeletedSegment,
    DeletedSegmentPage,
    DescribeFilters,
    FilterGrammar,
    GetSegment,
    GetSegmentMembers,
    ListDeletedSegments,
    ListSegments,
    PreviewSegment,
    SegmentDetails,
    SegmentMembers,
    SegmentOut,
    SegmentPage,
    SegmentPreview,
)

PREVIEWED = 10
SEGMENTS_SHOWN = 50


@operation("crm.segment.list", schema=ListSegments, scope=Scope.SEGMENTS_READ, effect=Effect.READ)
def list_segments(actor: Actor, data: ListSegments) -> SegmentPage:
    """A page of the workspace's segments, by name."""
    rows = Segment.objects.visible_to(actor).present().order_by("name", "id")
    found, pagination = page_of(rows, data)
    return SegmentPage(segments=[segment_out(row) for row in found], pagination=pagination)


@operation(
    "crm.segment.list_deleted",
    schema=ListDeletedSegments,
    scope=Scope.SEGMENTS_READ,
    effect=Effect.READ,
    propose_role=Role.ADMIN,
)
def list_deleted_segments(actor: Actor, data: ListDeletedSegments) -> DeletedSegmentPage:
    """A page of the segments an admin can restore, the last one deleted first."""
    rows = Segment.objects.visible_to(actor).filter(restorable(), deleted_at__isnull=False)
    found, pagination = page_of(rows.order_by("-deleted_at", "-id"), data)
    shown = [
        DeletedSegment(
            segment_id=str(row.pk), name=row.name, filter=row.filter, deleted_at=row.deleted_at
        )
        for row in found
        if row.deleted_at is not None
    ]
    return DeletedSegmentPage(segments=shown, pagination=pagination)


@operation("crm.segment.get", schema=GetSegment, scope=Scope.SEGMENTS_READ, effect=Effect.READ)
def get_segment(actor: Actor, data: GetSegment) -> SegmentDetails:
    """One segment, without its members."""
    return SegmentDetails(segment=segment_out(present_segment(actor, data.segment_id)))


@operation(
    "crm.segment.members", schema=GetSegmentMembers, scope=Scope.SEGMENTS_READ, effect=Effect.READ
)
def get_segment_members(actor: Actor, data: GetSegmentMembers) -> SegmentMembers:
    """A page of the contacts that were in the segment as of its last working out."""
    segment = present_segment(actor, data.segment_id)
    rows = members_of(actor, segment).select_related("company").order_by("-created_at", "-id")
    found, pagination = page_of(rows, data)
    summary = data.fields == "summary"
    rows_out = (summary_of(row) if summary else contact_out(row, ROOM_IN_LIST) for row in found)
    shown, omitted = rows_that_fit(rows_out, room_for(data.limit, DEFAULT_LIMIT))
    return SegmentMembers(
        segment_id=str(segment.pk),
        segment_name=segment.name,
        contacts=shown,
        truncated=omitted > 0 or None,
        omitted=omitted or None,
        hint=SMALLER if omitted else None,
        pagination=pagination,
        as_of=segment.as_of,
        stale=segment.stale,
    )


@operation(
    "crm.segment.preview",
    schema=PreviewSegment,
    scope=(Scope.SEGMENTS_READ, Scope.CONTACTS_READ),
    effect=Effect.READ,
)
def preview_segment(actor: Actor, data: PreviewSegment) -> SegmentPreview:
    """The members a segment with this filter would have now; nothing is stored."""
    wanted = filters.parse(data.filter)
    filters.check(actor, wanted, data.segment_id)
    rows = filters.contacts_matching(actor, wanted)
    newest = rows.select_related("company").order_by("-created_at", "-id")[:PREVIEWED]
    return SegmentPreview(
        count=rows.count(), contacts=[summary_of(row) for row in newest], as_of=clock.now()
    )


@operation(
    "crm.filter.describe", schema=DescribeFilters, scope=Scope.SEGMENTS_READ, effect=Effect.READ
)
def describe_filters(actor: Actor, data: DescribeFilters) -> FilterGrammar:
    """The grammar, the same for everyone."""
    return FilterGrammar(
        filter_schema=filters.json_schema(),
        contact_fields=[_described(rule) for rule in CONTACT_FIELDS.values()],
        event_fields=[_described(rule) for rule in EVENT_FIELDS.values()],
        operators={kind: list(ops) for kind, ops in OPS_OF.items()},
    )


def segment_out(row: Segment) -> SegmentOut:
    """A segment as the APIs show it."""
    return SegmentOut(
        segment_id=str(row.pk),
        id=str(row.pk),
        name=row.name,
        description=row.description,
        filter=row.filter,
        contact_count=row.contact_count,
        as_of=row.as_of,
        stale=row.stale,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


class SegmentPanel:
    """Adds `segments` to a contact: the names of those it is in."""

    scope = Scope.SEGMENTS_READ
    keys: tuple[str, ...] = ("segments",)

    def __call__(self, actor: Actor, record_id: str) -> dict[str, Any]:
        """By name, at most 50."""
        rows = SegmentMember.objects.visible_to(actor).filter(
            contact=record_id, segment__deleted_at=None
        )
        found = rows.order_by("segment__name").values_list("segment", "segment__name")
        return {
            "segments": [{"segment_id": key, "name": name} for key, name in found[:SEGMENTS_SHOWN]]
        }


def _described(rule: FieldRule) -> dict[str, Any]:
    choices = {"valid_values": list(rule.choices)} if rule.choices else {}
    return {"field": rule.name, "label": rule.label, "kind": rule.kind, **choices}
