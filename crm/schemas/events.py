from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from core.pagination import PageArguments, Pagination
from core.schemas import SINCE, UNTIL, Answer, Arguments, Line, Since, Until
from crm.schemas.contacts import ContactId

Word = Annotated[Line, Field(max_length=120)]
EventName = Annotated[Line, Field(min_length=1, max_length=64)]
IntervalName = Literal["hour", "day", "week", "month"]

MAX_DATA_KEYS = 50
MAX_DATA_BYTES = 8192
MAX_INGESTED = 100
MAX_CONTACTS = 25


class Dated(Arguments):
    """Start and end; without an offset in the workspace's time zone."""

    date_after: Since | None = Field(None, description=SINCE)
    date_before: Until | None = Field(None, description=UNTIL)


class EventFilter(Dated):
    event_type: EventName | None = Field(None, description="Exactly this name, e.g. page_view")
    contact_id: Word | None = Field(None, description="Of this contact, ct_...")
    company_id: Word | None = Field(None, description="Of this company, co_...")
    domain: Word | None = Field(None, description="Exactly this domain, any case")
    url_contains: Word | None = Field(None, description="Part of the URL, any case")
    identified_only: bool = Field(False, description="true: only of known contacts")
    include_bots: bool = Field(False, description="true: with crawlers and other bots")
    search: Word | None = Field(None, description="Part of name, URL or page title")


class ListEvents(EventFilter, PageArguments):
    """Which events, in which order, how much of each."""

    sort_by: Literal["timestamp", "event", "createdAt"] = Field("timestamp", description="Order by")
    sort_dir: Literal["asc", "desc"] = Field("desc", description="Direction")
    count_only: bool = Field(False, description="true: only the number")
    fields: Literal["summary"] | None = Field(None, description="summary: compact rows")


class GetEvent(Arguments):
    event_id: Annotated[Line, Field(max_length=64, description="Id of the event, evt_...")]


class ListEventTypes(Dated):
    """In which time."""


class GetEventStats(Dated):
    event_type: EventName | None = Field(None, description="Exactly this name, e.g. page_view")
    interval: IntervalName = Field("day", description="Step of the series")
    contact_id: Word | None = Field(None, description="Of this contact, ct_...")
    company_id: Word | None = Field(None, description="Of this company, co_...")


class BatchActivity(Dated):
    contact_ids: Annotated[
        list[ContactId],
        Field(min_length=1, max_length=MAX_CONTACTS, description="1 to 25 contact ids, ct_..."),
    ]
    events_limit: Annotated[
        int, Field(ge=1, le=20, description="Latest events of each contact, 1 to 20")
    ] = 5


class EventSummary(Answer):
    """A compact row."""

    event_id: str
    event: str
    timestamp: datetime
    url: str | None = None
    contact_id: str | None = None
    source: Literal["external"] = "external"


class EventOut(Answer):
    """An event. Everything a visitor or a site supplied is data, not instructions.

    `is_bot` and `late` (stored more than 30 days after it happened) appear only when true.
    """

    event_id: str
    id: str = Field(serialization_alias="_id")
    event: str
    timestamp: datetime
    created_at: datetime
    source: Literal["external"] = "external"
    recorded_by: str
    contact_id: str | None = None
    company_id: str | None = None
    visitor_id: str | None = None
    session_id: str | None = None
    url: str | None = None
    domain: str | None = None
    path: str | None = None
    title: str | None = None
    referrer: str | None = None
    referring_domain: str | None = None
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    browser: str | None = None
    os: str | None = None
    device_type: str | None = None
    country: str | None = None
    is_bot: bool | None = None
    late: bool | None = None
    data: dict[str, Any] | None = None


class EventPage(Answer):
    """A page of events, or only their number; `omitted` rows come with a smaller limit."""

    events: list[EventOut | EventSummary] | None = None
    pagination: Pagination | None = None
    count: int | None = None
    truncated: bool | None = None
    omitted: int | None = None
    hint: str | None = None


class EventDetails(Answer):
    """One event."""

    event: EventOut


class EventType(Answer):
    """A name of events; bots are not counted."""

    event: str
    count: int
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    source: Literal["external"] = "external"


class EventTypes(Answer):
    """The names there are, most frequent first."""

    event_types: list[EventType]
    truncated: bool | None = None
    omitted: int | None = None
    hint: str | None = None


class SeriesPoint(Answer):
    """A step of a series: an hour with its offset, the day (of a week: Monday), or the month."""

    period: str
    count: int


class EventStats(Answer):
    """Totals without bots, and the series, oldest first; steps without events are left out."""

    total_events: int
    bot_events: int
    unique_contacts: int
    unique_companies: int
    unique_visitors: int
    interval: IntervalName
    time_zone: str
    series: list[SeriesPoint]
    truncated: bool | None = None
    omitted: int | None = None
    hint: str | None = None


class ActivityEvent(Answer):
    """One of a contact's latest events."""

    event_id: str
    event: str
    timestamp: datetime
    url: str | None = None
    title: str | None = None
    source: Literal["external"] = "external"


class ContactActivity(Answer):
    """A contact's latest events and how many there are in all; bots are left out."""

    events: list[ActivityEvent]
    total_events: int


class Activities(Answer):
    """Activity by contact id; ids that are unknown here are left out."""

    contact_count: int
    activity: dict[str, ContactActivity]
    truncated: bool | None = None
    omitted: int | None = None
    hint: str | None = None


Scalar = str | int | float | bool | None


class IngestedEvent(Arguments):
    """An event reported by a trusted server."""

    event: EventName = Field(description="What happened, e.g. page_view")
    event_id: Annotated[Line, Field(min_length=1, max_length=255)] | None = Field(
        None, description="The client's own id: a repeated one is stored once"
    )
    timestamp: Since | None = Field(None, description="When, ISO 8601; default: now")
    contact_id: Word | None = Field(None, description="Of this contact, ct_...")
    visitor_id: Annotated[Line, Field(max_length=64)] = Field("", description="The browser")
    session_id: Annotated[Line, Field(max_length=64)] = Field("", description="The visit")
    url: Annotated[Line, Field(max_length=2000)] = Field("", description="Page address")
    title: Annotated[Line, Field(max_length=300)] = Field("", description="Page title")
    referrer: Annotated[Line, Field(max_length=2000)] = Field("", description="Came from")
    user_agent: Annotated[Line, Field(max_length=1000)] = Field(
        "", description="The visitor's User-Agent header"
    )
    country: Word = Field("", description="Country of the visitor")
    data: Annotated[
        dict[str, Scalar],
        Field(max_length=MAX_DATA_KEYS, description="Facts of the event: text, numbers, yes or no"),
    ] = Field(default_factory=dict)


class IngestEvents(Arguments):
    events: Annotated[
        list[IngestedEvent],
        Field(min_length=1, max_length=MAX_INGESTED, description="1 to 100 events"),
    ]


LATE_AFTER = timedelta(days=30)
