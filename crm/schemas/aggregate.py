from typing import Annotated, Any, Literal

from pydantic import Field

from core.schemas import Answer, Arguments, Line
from crm.schemas.events import IntervalName

Entity = Literal["contacts", "companies", "events"]
Metric = Literal["count", "unique_contacts", "unique_companies"]


class AggregateData(Arguments):
    """The metric, the group-by fields, and the number of groups."""

    entity: Entity = Field(description="What to count")
    group_by: Annotated[
        list[Annotated[Line, Field(max_length=64)]],
        Field(
            min_length=1,
            max_length=2,
            description="1 or 2 fields, e.g. event, path, utm_source, device_type, day (events); "
            "lifecycle_stage, country, company, segment, created_month (contacts); industry, "
            "employee_range (companies). A wrong one is answered with all of them",
        ),
    ]
    metric: Metric = Field(
        "count", description="Number of rows, or of different contacts/companies"
    )
    filters: dict[str, Any] = Field(
        {},
        description="As in the entity's list tool, e.g. event_type, date_after, segment_id; "
        "for contacts also filter: {all: [{field, op, value}, {event, within_days}]}",
    )
    interval: IntervalName | None = Field(None, description="Also split by this step of time")
    limit: Annotated[int, Field(ge=1, le=200, description="Groups shown, 1 to 200")] = 50
    sort: Literal["value", "-value", "key", "-key"] | None = Field(
        None, description="- is descending. Default: -value; with time -key, the newest first"
    )


class Group(Answer):
    """A group: its fields' values, empty text where there is none, and the number."""

    key: dict[str, str | bool]
    value: int
    source: Literal["external"] = "external"


class Rest(Answer):
    """The groups not shown; without `value` if groups overlap and cannot be added up."""

    groups: int
    value: int | None = None


class Aggregation(Answer):
    """The groups, the rest of them as one row, and the total over all."""

    entity: Entity
    metric: Metric
    group_by: list[str]
    groups: list[Group]
    other: Rest | None = None
    total: int
    time_zone: str | None = None
    truncated: bool | None = None
    omitted: int | None = None
    hint: str | None = None
