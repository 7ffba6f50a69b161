from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from core.pagination import PageArguments, Pagination
from core.schemas import Answer, Arguments, Line, Text
from crm.schemas.contacts import ContactOut, ContactSummary

SegmentId = Annotated[Line, Field(max_length=64, description="Id of the segment, seg_...")]
Name = Annotated[Line, Field(min_length=1, max_length=120, description="Unique among segments")]
Description = Annotated[Text, Field(max_length=500, description="What it is for")]
FilterData = Annotated[
    dict[str, Any],
    Field(
        description="Filter, e.g. {all: [{field, op, value}, {event, count, within_days}]}; "
        "GET /v1/segments/filter describes the grammar"
    ),
]


class ListSegments(PageArguments):
    limit: Annotated[int, Field(ge=1, le=100, description="Rows a page, 1 to 100")] = 50


class ListDeletedSegments(PageArguments):
    limit: Annotated[int, Field(ge=1, le=100, description="Rows a page, 1 to 100")] = 50


class GetSegment(Arguments):
    segment_id: SegmentId


class GetSegmentMembers(PageArguments):
    segment_id: SegmentId
    fields: Literal["summary"] | None = Field(None, description="summary: compact rows")


class CreateSegment(Arguments):
    name: Name
    description: Description = ""
    filter: FilterData


class UpdateSegment(Arguments):
    segment_id: SegmentId
    name: Name | None = None
    description: Description | None = None
    filter: FilterData | None = None


class DeleteSegment(Arguments):
    segment_id: SegmentId


class RestoreSegment(Arguments):
    segment_id: SegmentId


class PreviewSegment(Arguments):
    """The filter to try, and the segment that is to have it, if there is one already."""

    filter: FilterData
    segment_id: SegmentId | None = None


class DescribeFilters(Arguments):
    """Takes nothing."""


class SegmentOut(Answer):
    """A segment. The members are correct as of `as_of`; `stale`: they are being recalculated."""

    segment_id: str
    id: str = Field(serialization_alias="_id")
    name: str
    description: str
    filter: dict[str, Any]
    contact_count: int
    as_of: datetime | None = None
    stale: bool
    created_at: datetime
    updated_at: datetime


class SegmentPage(Answer):
    """A page of segments, by name."""

    segments: list[SegmentOut]
    pagination: Pagination


class DeletedSegment(Answer):
    """A segment that can still be restored, and since when it is deleted."""

    segment_id: str
    name: str
    filter: dict[str, Any]
    deleted_at: datetime


class DeletedSegmentPage(Answer):
    """A page of deleted segments, the last one deleted first."""

    segments: list[DeletedSegment]
    pagination: Pagination


class SegmentDetails(Answer):
    """One segment."""

    segment: SegmentOut


class SegmentMembers(Answer):
    """A page of a segment's contacts, newest first."""

    segment_id: str
    segment_name: str
    contacts: list[ContactOut | ContactSummary]
    pagination: Pagination
    as_of: datetime | None = None
    stale: bool
    truncated: bool | None = None
    omitted: int | None = None
    hint: str | None = None


class SegmentPreview(Answer):
    """Who would be in it now: how many, and the ten newest."""

    count: int
    contacts: list[ContactSummary]
    as_of: datetime


class FilterGrammar(Answer):
    """The grammar of filters: its JSON Schema, and the fields with their kinds and operators."""

    filter_schema: dict[str, Any]
    contact_fields: list[dict[str, Any]]
    event_fields: list[dict[str, Any]]
    operators: dict[str, list[str]]
