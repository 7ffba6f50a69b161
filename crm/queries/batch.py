"""Many contacts or companies at once."""

from collections.abc import Callable
from typing import TypeVar

from django.db.models import Model, QuerySet
from pydantic import BaseModel

from core.access import Scope
from core.actor import Actor
from core.answer_size import DEFAULT_ROOM
from core.errors import InsufficientScope
from core.operations import Effect, operation
from crm.models import Company, Contact
from crm.queries.companies import company_out
from crm.queries.contacts import contact_out
from crm.schemas.batch import BatchGetDetails, Details

Row = TypeVar("Row", bound=Model)
Shape = TypeVar("Shape", bound=BaseModel)

_SCOPES = {"contacts": Scope.CONTACTS_READ, "companies": Scope.COMPANIES_READ}


@operation(
    "crm.details.batch",
    schema=BatchGetDetails,
    scope=tuple(_SCOPES.values()),
    any_scope=True,
    effect=Effect.READ,
)
def batch_get_details(actor: Actor, data: BatchGetDetails) -> Details:
    """Up to 25 records with all their properties, in the order asked for.

    Needs the read scope of the entity: raises InsufficientScope.
    """
    scope = _SCOPES[data.entity_type]
    if not actor.has_scope(scope):
        raise InsufficientScope((scope,))
    if data.entity_type == "contacts":
        people = Contact.objects.visible_to(actor).present().select_related("company")
        contacts, omitted = _shown(people, data, contact_out)
        return _answer(data, len(contacts), omitted).model_copy(update={"contacts": contacts})
    rows = Company.objects.visible_to(actor).present()
    companies, omitted = _shown(rows, data, company_out)
    return _answer(data, len(companies), omitted).model_copy(update={"companies": companies})


def _answer(data: BatchGetDetails, count: int, omitted: int) -> Details:
    return Details(
        entity_type=data.entity_type,
        count=count,
        truncated=omitted > 0 or None,
        omitted=omitted or None,
        hint="Request fewer ids." if omitted else None,
    )


def _shown(
    rows: QuerySet[Row], data: BatchGetDetails, shape: Callable[[Row], Shape]
) -> tuple[list[Shape], int]:
    """The records that fit the answer, at least one, and the number that do not."""
    found = {str(row.pk): shape(row) for row in rows.filter(pk__in=data.ids)}
    wanted = [found[key] for key in dict.fromkeys(data.ids) if key in found]
    room = DEFAULT_ROOM
    for number, record in enumerate(wanted):
        room -= len(record.model_dump_json(exclude_none=True))
        if room < 0 and number:
            return wanted[:number], len(wanted) - number
    return wanted, 0
