"""The latest events of many contacts at once."""

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from core.access import Role, Scope
from core.actor import Actor
from core.operations import Effect, operation
from crm.models import Contact, Event
from crm.queries.events import MAX_CHARACTERS, dated
from crm.schemas.events import Activities, ActivityEvent, BatchActivity, ContactActivity

_SHOWN = 200


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
    rows = Event.objects.visible_to(actor).filter(contact__in=wanted, is_bot=False)
    rows = rows.filter(dated(actor, data).of("timestamp"))
    totals = dict(rows.order_by().values_list("contact").annotate(number=Count("*")))
    activity = {pk: ContactActivity(events=[], total_events=totals.get(pk, 0)) for pk in wanted}
    for event in _latest(rows, wanted, data.events_limit):
        shown = activity[str(event.contact_id)].events
        if len(shown) < data.events_limit:  # events of the same moment may be one too many
            shown.append(_brief(event))
    return _fitting(activity)


def _latest(rows: QuerySet[Event], contacts: list[str], limit: int) -> list[Event]:
    """The latest rows of each contact, newest first, in two queries for all of them.

    The first finds when each contact's quota begins, by index, however many events it has.
    """
    own = rows.filter(contact=OuterRef("pk")).order_by("-timestamp").values("timestamp")
    quota = Subquery(own[limit - 1 : limit])
    begins = Contact.objects.filter(pk__in=contacts).annotate(begin=quota)
    near = Q(pk__in=[])
    for contact, begin in begins.values_list("pk", "begin"):
        near |= Q(contact=contact) & (Q() if begin is None else Q(timestamp__gte=begin))
    return list(rows.filter(near).order_by("-timestamp", "-id"))


def _fitting(activity: dict[str, ContactActivity]) -> Activities:
    """Everything, or as many events of each contact as fit the answer."""
    before = sum(len(one.events) for one in activity.values())
    quota = max((len(one.events) for one in activity.values()), default=0)
    while quota and _size(activity) > MAX_CHARACTERS:
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
        url=event.url[:_SHOWN] or None,
        title=event.title[:_SHOWN] or None,
    )
