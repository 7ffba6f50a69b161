"""The latest events of many contacts at once."""

from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet
from django.db.models.expressions import RawSQL

from core.access import Scope
from core.actor import Actor
from core.answer_size import room_for, shorten
from core.compiled import Compiled
from core.operations import Effect, operation
from crm.models import Contact, Event
from crm.queries.events import dated
from crm.queries.windows import Window
from crm.schemas.events import (
    MAX_CONTACTS,
    Activities,
    ActivityEvent,
    BatchActivity,
    ContactActivity,
)

_DEFAULT_QUOTA = 5
_COLUMNS = ("contact", "event", "timestamp", "url", "title")


@operation(
    "crm.activity.batch", schema=BatchActivity, scope=Scope.CONTACTS_READ, effect=Effect.READ
)
def batch_get_activity(actor: Actor, data: BatchActivity) -> Activities:
    """The latest events of up to 25 contacts, each with its own quota, newest first."""
    window = dated(actor, data)
    # Pad to the query's number of parameters; no contact has an empty id.
    named = [*data.contact_ids, *[""] * (MAX_CONTACTS - len(data.contact_ids))]
    known = set(_KNOWN.rows(actor.workspace_id, *named))
    wanted = [pk for pk in dict.fromkeys(data.contact_ids) if pk in known]
    ends = [moment for moment in (window.since, window.until) if moment is not None]
    counted = _totals(window.since is not None, window.until is not None)
    totals: dict[str, int] = dict(counted.rows(actor.workspace_id, *named, *ends))
    activity = {pk: ContactActivity(events=[], total_events=totals.get(pk, 0)) for pk in wanted}
    rows = _events(actor.workspace_id, window)
    for event in _latest(rows, [pk for pk in wanted if pk in totals], data.events_limit):
        activity[str(event.contact_id)].events.append(_brief(event))
    return _fitting(activity, room_for(data.events_limit, _DEFAULT_QUOTA))


def _known(workspace: str, *contacts: str) -> QuerySet[Contact, str]:
    rows = Contact.objects.filter(workspace_id=workspace, pk__in=contacts).present()
    return rows.values_list("pk", flat=True)


def _events(workspace: str, window: Window) -> QuerySet[Event]:
    rows = Event.objects.filter(workspace_id=workspace, is_bot=False)
    return rows.filter(window.of("timestamp")).order_by()


@cache
def _totals(since: bool, until: bool) -> Compiled[tuple[str, int]]:
    """The number of events of each contact in this window, for contacts with any."""

    def rows(workspace: str, *values: Any) -> QuerySet[Event, tuple[str, int]]:
        contacts, ends = values[:MAX_CONTACTS], list(values[MAX_CONTACTS:])
        window = Window(ends.pop(0) if since else None, ends.pop(0) if until else None)
        theirs = _events(workspace, window).filter(contact__in=contacts)
        numbers: QuerySet[Event, tuple[str, int]] = theirs.values_list("contact").annotate(
            number=Count("*")
        )
        return numbers

    return Compiled(rows, "ws", *["ct"] * MAX_CONTACTS, *[datetime] * (since + until))


_KNOWN = Compiled(_known, "ws", *["ct"] * MAX_CONTACTS)


def _latest(rows: QuerySet[Event], contacts: list[str], limit: int) -> list[Event]:
    """The latest rows of each contact, newest first, by index, however many events it has."""
    if not contacts:
        return []
    latest = rows.order_by("-timestamp", "-id").only(*_COLUMNS)
    # SQLite has no LATERAL; PostgreSQL would plan each part of the UNION.
    statement = _lateral if connection.vendor == "postgresql" else _union
    return list(Event.objects.raw(*statement(latest, contacts, limit)))


def _lateral(latest: QuerySet[Event], contacts: list[str], limit: int) -> tuple[str, list[Any]]:
    one = latest.filter(contact=RawSQL("one.contact", ()))[:limit]
    sql, given = one.query.sql_with_params()
    ids = [Contact._meta.pk.get_db_prep_value(contact, connection) for contact in contacts]
    each = "SELECT e.* FROM unnest(%s::uuid[]) AS one(contact) CROSS JOIN LATERAL"
    return f"{each} ({sql}) AS e", [ids, *given]


def _union(latest: QuerySet[Event], contacts: list[str], limit: int) -> tuple[str, list[Any]]:
    parts = [latest.filter(contact=pk)[:limit].query.sql_with_params() for pk in contacts]
    sql = " UNION ALL ".join(f"SELECT * FROM ({part})" for part, _ in parts)  # noqa: S608
    return sql, [value for _, given in parts for value in given]


def _fitting(activity: dict[str, ContactActivity], room: int) -> Activities:
    """Everything, or as many events of each contact as fit the answer."""
    before = sum(len(one.events) for one in activity.values())
    quota = max((len(one.events) for one in activity.values()), default=0)
    while quota and _size(activity) > room:
        quota -= 1
        for one in activity.values():
            del one.events[quota:]
    omitted = before - sum(len(one.events) for one in activity.values())
    return Activities(
        contact_count=len(activity),
        activity=activity,
        truncated=omitted > 0 or None,
        omitted=omitted or None,
        hint="Request fewer contacts, or use list_events with contact_id." if omitted else None,
    )


def _size(activity: dict[str, ContactActivity]) -> int:
    return sum(len(one.model_dump_json(exclude_none=True)) for one in activity.values())


def _brief(event: Event) -> ActivityEvent:
    return ActivityEvent(
        event_id=str(event.pk),
        event=event.event,
        timestamp=event.timestamp,
        url=shorten(event.url) or None,
        title=shorten(event.title) or None,
    )
