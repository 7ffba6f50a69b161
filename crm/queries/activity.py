"""The latest events of many contacts at once."""

from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet

from core.access import Role, Scope
from core.actor import Actor
from core.fitting import cut, room_for
from core.operations import Effect, operation
from crm.models import Contact, Event
from crm.queries.events import dated
from crm.schemas.events import Activities, ActivityEvent, BatchActivity, ContactActivity

_DEFAULT_QUOTA = 5
_COLUMNS = ("contact", "event", "timestamp", "url", "title")


@operation(
    "crm.activity.batch",
    schema=BatchActivity,
    scope=Scope.CONTACTS_READ,
    effect=Effect.READ,
    propose_role=Role.VIEWER,
)
def batch_get_activity(actor: Actor, data: BatchActivity) -> Activities:
    """The latest events of up to 25 contacts, each with its own quota, newest first."""
    present = Contact.objects.visible_to(actor).present().filter(pk__in=data.contact_ids)
    known = {str(pk) for pk in present.values_list("pk", flat=True)}
    wanted = [pk for pk in dict.fromkeys(data.contact_ids) if pk in known]
    rows = Event.objects.visible_to(actor).filter(is_bot=False)
    rows = rows.filter(dated(actor, data).of("timestamp"))
    theirs = rows.filter(contact__in=wanted).order_by()
    totals = dict(theirs.values_list("contact").annotate(number=Count("*")))
    activity = {pk: ContactActivity(events=[], total_events=totals.get(pk, 0)) for pk in wanted}
    for event in _latest(rows, [pk for pk in wanted if pk in totals], data.events_limit):
        activity[str(event.contact_id)].events.append(_brief(event))
    return _fitting(activity, room_for(data.events_limit, _DEFAULT_QUOTA))


def _latest(rows: QuerySet[Event], contacts: list[str], limit: int) -> list[Event]:
    """The latest rows of each contact, newest first, by index, however many events it has.

    One statement that asks for each contact alone; Django writes such a UNION for PostgreSQL only,
    and it writes the part that repeats once.
    """
    if not contacts:
        return []
    ids = [_stored(contact) for contact in contacts]
    one = rows.filter(contact=contacts[0]).order_by("-timestamp", "-id").only(*_COLUMNS)[:limit]
    sql, given = one.query.sql_with_params()
    parts = (f"SELECT * FROM ({sql}) AS e{number}" for number in range(len(ids)))  # noqa: S608
    values = [pk if value == ids[0] else value for pk in ids for value in given]
    return list(Event.objects.raw(" UNION ALL ".join(parts), values))


def _stored(contact: str) -> Any:
    return Contact._meta.pk.get_db_prep_value(contact, connection)


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
        hint="Ask for fewer contacts, or list_events by contact_id." if omitted else None,
    )


def _size(activity: dict[str, ContactActivity]) -> int:
    return sum(len(one.model_dump_json(exclude_none=True)) for one in activity.values())


def _brief(event: Event) -> ActivityEvent:
    return ActivityEvent(
        event_id=str(event.pk),
        event=event.event,
        timestamp=event.timestamp,
        url=cut(event.url) or None,
        title=cut(event.title) or None,
    )
