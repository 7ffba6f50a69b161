"""The filters of a group-by: those of the entity's list."""

from typing import Any, TypeVar

from django.db.models import QuerySet

from core.actor import Actor
from core.errors import ValidationFailed
from core.schemas import Arguments, nearest, plain_name, validated
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
    actor: Actor, entity: Entity, filters: dict[str, Any]
) -> QuerySet[Contact] | QuerySet[Company] | QuerySet[Event]:
    """The rows the filters leave; raises ValidationFailed naming `filters.<name>`."""
    if entity == "events":
        return matching_events(actor, _checked(EventFilter, filters))
    if entity == "contacts":
        return matching_contacts(actor, _checked(ListContacts, filters))
    return matching_companies(actor, _checked(ListCompanies, filters))


def event_filter(filters: dict[str, Any]) -> EventFilter:
    """The filters of events, checked."""
    return _checked(EventFilter, filters)


def _checked(schema: type[Filter], filters: dict[str, Any]) -> Filter:
    valid = sorted(schema.model_fields.keys() - _HOW_TO_LIST)
    unknown = next((name for name in filters if name not in valid), None)
    if unknown is not None:
        raise ValidationFailed(
            "A filter is not known.",
            hint="Leave it out or use one of the valid names.",
            field=f"filters.{plain_name(unknown)}",
            valid_values=valid,
            did_you_mean=nearest(unknown, valid),
        )
    try:
        return validated(schema, filters)
    except ValidationFailed as fault:
        raise ValidationFailed(
            f"filters: {fault.message}",
            hint=fault.hint,
            field=f"filters.{fault.field}",
            valid_values=fault.valid_values,
            did_you_mean=fault.did_you_mean,
        ) from None
