"""The shapes of a filter (data-9), as pydantic; the published JSON Schema is made from them.

    {"all": [...]} | {"any": [...]} | {"not": ...}
    {"field", "op", "value"}
    {"event", "where": [...], "count": {"op", "value"}, "within_days"}
    {"not_contacted_days"} | {"segment_id"}

The type of `value` depends on the field; crm.filters.fields checks it.
"""

from typing import Annotated, Any, Literal, Union, get_args

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    Tag,
    TypeAdapter,
)

from core.schemas import Arguments, Line, clean_line

MAX_DEPTH = 5
MAX_LEAVES = 50
MAX_LISTED = 100
MAX_DAYS = 3650

Op = Literal[
    "eq",
    "ne",
    "in",
    "not_in",
    "contains",
    "gt",
    "gte",
    "lt",
    "lte",
    "before",
    "after",
    "is_set",
    "is_not_set",
]
CountOp = Literal["eq", "ne", "gt", "gte", "lt", "lte"]
OPS: tuple[Op, ...] = get_args(Op)
COUNT_OPS: tuple[CountOp, ...] = get_args(CountOp)

_Words = Annotated[StrictStr, Field(max_length=500), AfterValidator(clean_line)]
_Whole = Annotated[StrictInt, Field(ge=-(2**53), le=2**53)]
_Number = Annotated[StrictFloat, Field(ge=-(2**53), le=2**53, allow_inf_nan=False)]
Scalar = _Words | StrictBool | _Whole | _Number
Days = Annotated[StrictInt, Field(ge=1, le=MAX_DAYS)]


class DaysAgo(Arguments):
    """A relative moment: a number of days before now."""

    days_ago: Annotated[StrictInt, Field(ge=0, le=MAX_DAYS, description="Days before now")]


Value = Scalar | DaysAgo | Annotated[list[Scalar], Field(min_length=1, max_length=MAX_LISTED)]


class Condition(Arguments):
    """A field of the contact, or of an event inside `where`; custom ones are properties.<key>."""

    field: Annotated[Line, Field(min_length=1, max_length=80)] = Field(
        description="e.g. lifecyclestage, company.industry, properties.plan"
    )
    op: Op = Field(description="ne and not_in include contacts without a value")
    value: Value | None = Field(
        None, description="By the field's kind; a list for in and not_in; none for is_set"
    )


class Count(Arguments):
    """How many such events there must be."""

    op: CountOp = "gte"
    value: Annotated[StrictInt, Field(ge=0, le=1_000_000)]


class Happened(Arguments):
    """Events of the contact: at least one unless `count` says otherwise. Bots do not count."""

    event: Annotated[Line, Field(min_length=1, max_length=64)] = Field(
        description="The event's name, e.g. page_view"
    )
    where: list[Condition] = Field(
        [], max_length=10, description="All must hold for an event to count"
    )
    count: Count | None = None
    within_days: Days | None = Field(None, description="Only events of the last N days")


class NotContacted(Arguments):
    """The contact was not written to in the last days."""

    not_contacted_days: Days


class InSegment(Arguments):
    """The contact is a member of another segment."""

    segment_id: Annotated[Line, Field(max_length=64)]


class All(Arguments):
    """Every one of them holds."""

    all: Annotated[list["Node"], Field(min_length=1, max_length=MAX_LEAVES)]


class AnyOf(Arguments):
    """At least one of them holds."""

    any: Annotated[list["Node"], Field(min_length=1, max_length=MAX_LEAVES)]


class Not(Arguments):
    """It does not hold."""

    negated: "Node" = Field(alias="not")


# The key that identifies a node's shape, and the tag pydantic adds to an error's path.
SHAPES: dict[str, type[Arguments]] = {
    "all": All,
    "any": AnyOf,
    "not": Not,
    "field": Condition,
    "event": Happened,
    "not_contacted_days": NotContacted,
    "segment_id": InSegment,
}


def _tag(value: Any) -> str | None:
    if isinstance(value, dict):
        found = [key for key in SHAPES if key in value]
        return f"<{found[0]}>" if len(found) == 1 else None
    key = next((key for key, shape in SHAPES.items() if type(value) is shape), None)
    return f"<{key}>" if key else None


Node = Annotated[
    Union[  # noqa: UP007 - forward references need it
        Annotated[All, Tag("<all>")],
        Annotated[AnyOf, Tag("<any>")],
        Annotated[Not, Tag("<not>")],
        Annotated[Condition, Tag("<field>")],
        Annotated[Happened, Tag("<event>")],
        Annotated[NotContacted, Tag("<not_contacted_days>")],
        Annotated[InSegment, Tag("<segment_id>")],
    ],
    Discriminator(_tag),
]
Leaf = Condition | Happened | NotContacted | InSegment

for _shape in (All, AnyOf, Not):
    _shape.model_rebuild()

ADAPTER: TypeAdapter[Any] = TypeAdapter(Node)
