"""Many contacts or companies at once."""

from core.access import Role, Scope
from core.actor import Actor
from core.errors import InsufficientScope
from core.operations import Effect, operation
from crm.models import Company, Contact
from crm.queries.companies import company_out
from crm.queries.contacts import contact_out
from crm.queries.timeline import DEFAULT_CHARACTERS
from crm.schemas.batch import BatchGetDetails, Details
from crm.schemas.companies import CompanyOut
from crm.schemas.contacts import ContactOut

_SCOPES = {"contacts": Scope.CONTACTS_READ, "companies": Scope.COMPANIES_READ}


@operation(
    "crm.details.batch",
    schema=BatchGetDetails,
    scope=tuple(_SCOPES.values()),
    any_scope=True,
    effect=Effect.READ,
    propose_role=Role.VIEWER,
)
def batch_get_details(actor: Actor, data: BatchGetDetails) -> Details:
    """Up to 25 records with all their properties, in the order asked for.

    Needs the read scope of the entity: raises InsufficientScope.
    """
    scope = _SCOPES[data.entity_type]
    if not actor.has_scope(scope):
        raise InsufficientScope((scope,))
    found = _contacts(actor, data) if data.entity_type == "contacts" else _companies(actor, data)
    wanted = [found[key] for key in dict.fromkeys(data.ids) if key in found]
    kept = _that_fit(wanted)
    omitted = len(wanted) - len(kept)
    return Details(
        entity_type=data.entity_type,
        count=len(kept),
        truncated=omitted > 0 or None,
        omitted=omitted or None,
        hint="Ask for fewer ids." if omitted else None,
        **{data.entity_type: kept},
    )


def _contacts(actor: Actor, data: BatchGetDetails) -> dict[str, ContactOut | CompanyOut]:
    rows = Contact.objects.visible_to(actor).present().filter(pk__in=data.ids)
    return {str(row.pk): contact_out(row) for row in rows.select_related("company")}


def _companies(actor: Actor, data: BatchGetDetails) -> dict[str, ContactOut | CompanyOut]:
    rows = Company.objects.visible_to(actor).present().filter(pk__in=data.ids)
    return {str(row.pk): company_out(row) for row in rows}


def _that_fit(records: list[ContactOut | CompanyOut]) -> list[ContactOut | CompanyOut]:
    """The first ones an answer has room for, at least one."""
    room = DEFAULT_CHARACTERS
    for number, record in enumerate(records):
        room -= len(record.model_dump_json(exclude_none=True))
        if room < 0 and number:
            return records[:number]
    return records
