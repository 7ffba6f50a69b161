"""The filters of a group-by: those of the entity's list."""

from typing import Any, TypeVar

from django.db.models import QuerySet

from core.access import Scope
from core.actor import Actor
from core.errors import InsufficientScope, ValidationFailed
from core.schemas import Arguments, nearest, plain_name, validated
from crm import filters
from crm.models import Company, Contact, Event
from crm.queries.companies import filtered as matching_companies
from crm.queries.contacts import filtered as matching_contacts
from crm.queries.events import filtered as matching_events
from crm.schemas.aggregate import Entity
from crm.schemas.companies import ListCompanies
from crm.schemas.contacts import ListContacts
from crm.schemas.events import EventFilter

Filter = TypeVar("Filter", bound=Arguments)
_HOW_TO_LIST = {"page", "limit", "sort_by", "sort_dir", "count_only", "fields"}


def rows_of(
    actor: Actor, entity: Entity, given: dict[str, Any]
) -> QuerySet[Contact] | QuerySet[Company] | QuerySet[Event]:
    """The rows the filters leave; raises ValidationFailed naming `filters.<name>`."""
    if entity == "events":
        return matching_events(actor, _checked(EventFilter, given))
    if entity == "contacts":
        return _contacts(actor, given)
    return matching_companies(actor, _checked(ListCompanies, given))


def _contacts(actor: Actor, given: dict[str, Any]) -> QuerySet[Contact]:
    """Contacts by the list's filters, and by a segment filter (crm.filters) under `filter`."""
    listed = {name: value for name, value in given.items() if name != "filter"}
    rows = matching_contacts(actor, _checked(ListContacts, listed, "filter"))
    if "filter" not in given:
        return rows
    wanted = filters.parse(given["filter"], "filters.filter")
    if filters.segments_in(wanted) and not actor.has_scope(Scope.SEGMENTS_READ):
        raise InsufficientScope((Scope.SEGMENTS_READ,))
    filters.check(actor, wanted)
    return rows.filter(pk__in=filters.contacts_matching(actor, wanted).values("pk"))


def event_filter(given: dict[str, Any]) -> EventFilter:
    """The filters of events, checked."""
    return _checked(EventFilter, given)


def _checked(schema: type[Filter], given: dict[str, Any], *also: str) -> Filter:
    valid = sorted({*schema.model_fields, *also} - _HOW_TO_LIST)
    unknown = next((name for name in given if name not in valid), None)
    if unknown is not None:
        raise ValidationFailed(
            "Unknown filter.",
            hint="Omit it or use one of the valid names.",
            field=f"filters.{plain_name(unknown)}",
            valid_values=valid,
            did_you_mean=nearest(unknown, valid),
        )
    try:
        return validated(schema, given)
    except ValidationFailed as fault:
        raise ValidationFailed(
            f"filters: {fault.message}",
            hint=fault.hint,
            field=f"filters.{fault.field}",
            valid_values=fault.valid_values,
            did_you_mean=fault.did_you_mean,
        ) from None
