"""Making and changing companies."""

from typing import Any

from core import clock, domains
from core.access import Role, Scope
from core.actor import Actor
from core.errors import Conflict, ValidationFailed
from core.operations import Effect, operation
from core.outcomes import Effected, Inverse, Preview
from core.schemas import as_json
from crm import duplicates, records
from crm.models import Company, Contact
from crm.properties import COMPANY_PROPERTIES, checked, unknown
from crm.queries.companies import company_out, present_company
from crm.schemas.companies import CreateCompany, UpdateCompany
from crm.search import index_of
from crm.services.contacts import index as index_contact

_TAKEN = "Another company has this domain."
_BATCH = 500


def _sensitive(data: UpdateCompany) -> list[str]:
    return ["changes Domain"] if "domain" in data.properties else []


def preview_create(actor: Actor, data: CreateCompany) -> Preview:
    """The company as it would be, and others of its name; Conflict for a taken domain."""
    company, values = _drafted(actor, data)
    changes = records.differences(Company(), COMPANY_PROPERTIES, values)
    return Preview(
        noun="company",
        target_id=None,
        target_name=company.domain,
        changes=records.previews(COMPANY_PROPERTIES, changes),
        unknown_properties=unknown(COMPANY_PROPERTIES, data.properties),
        possible_duplicates=duplicates.of_company(actor, company),
    )


@operation(
    "crm.company.create",
    schema=CreateCompany,
    scope=Scope.COMPANIES_WRITE,
    effect=Effect.ADD,
    gated=True,
    propose_role=Role.MEMBER,
    run_role=Role.REVIEWER,
    preview=preview_create,
)
def create_company(actor: Actor, data: CreateCompany) -> Effected:
    """Add a company. Raises Conflict, with the existing id, for a taken domain."""
    company, values = _drafted(actor, data)
    records.assign(company, COMPANY_PROPERTIES, values, actor)
    company.created_at = company.updated_at = clock.now()
    index(company)
    with records.or_conflict(Conflict(_TAKEN, field="domain")):
        company.save(force_insert=True)
    return Effected(
        resource={"company": as_json(company_out(company))},
        inverse=Inverse(
            operation="crm.company.delete",
            arguments={"company_id": str(company.pk)},
            version=company.version,
        ),
        unknown_properties=unknown(COMPANY_PROPERTIES, data.properties) or None,
    )


def preview_update(actor: Actor, data: UpdateCompany) -> Preview:
    """The fields that would change and their values now."""
    company = present_company(actor, data.company_id)
    values = checked(COMPANY_PROPERTIES, data.properties)
    changes = records.differences(company, COMPANY_PROPERTIES, values)
    return Preview(
        noun="company",
        target_id=str(company.pk),
        target_name=company.domain,
        version=company.version,
        changes=records.previews(COMPANY_PROPERTIES, changes),
        unknown_properties=unknown(COMPANY_PROPERTIES, data.properties),
    )


@operation(
    "crm.company.update",
    schema=UpdateCompany,
    scope=Scope.COMPANIES_WRITE,
    effect=Effect.CHANGE,
    gated=True,
    idempotent=True,
    propose_role=Role.MEMBER,
    run_role=Role.REVIEWER,
    sensitive=_sensitive,
    preview=preview_update,
)
def update_company(actor: Actor, data: UpdateCompany) -> Effected:
    """Merge properties into a company; `null` clears one. Raises Conflict for a taken domain."""
    company = present_company(actor, data.company_id)
    values = checked(COMPANY_PROPERTIES, data.properties)
    changes = records.differences(company, COMPANY_PROPERTIES, values)
    previous = {key: now for key, (now, _) in changes.items()}
    if changes:
        _write(actor, company, {key: new for key, (_, new) in changes.items()})
    return Effected(
        resource={"company": as_json(company_out(company))},
        previous=previous,
        inverse=Inverse(
            operation="crm.company.update",
            arguments={"company_id": data.company_id, "properties": previous},
        )
        if previous
        else None,
        unknown_properties=unknown(COMPANY_PROPERTIES, data.properties) or None,
    )


def index(company: Company) -> None:
    """Set what search looks at; call it before saving."""
    company.search_text = index_of(company.name, company.domain, company.industry)


def _drafted(actor: Actor, data: CreateCompany) -> tuple[Company, dict[str, Any]]:
    """The company, unsaved, and its checked values; raises Conflict for a taken domain."""
    if "domain" in data.properties:
        raise ValidationFailed("The domain stands in domain alone.", field="properties.domain")
    given = checked(COMPANY_PROPERTIES, data.properties)
    values: dict[str, Any] = {
        "domain": domains.normal(data.domain),
        **{key: value for key, value in given.items() if value is not None},
    }
    _refuse_taken(actor, values["domain"])
    company = Company(
        workspace_id=actor.workspace_id, domain=values["domain"], name=values.get("name", "")
    )
    return company, values


def _write(actor: Actor, company: Company, values: dict[str, Any]) -> None:
    if values.get("domain"):
        _refuse_taken(actor, values["domain"])
    records.assign(company, COMPANY_PROPERTIES, values, actor)
    index(company)
    with records.or_conflict(Conflict(_TAKEN, field="domain")):
        records.save_changed(company, COMPANY_PROPERTIES, values)
    if {"name", "domain"} & values.keys():
        _index_people(company)


def _index_people(company: Company) -> None:
    """Contacts are found by the name of their company too."""
    rows = Contact.objects.filter(workspace_id=company.workspace_id, company=company)
    last = ""
    while people := list((rows.filter(pk__gt=last) if last else rows).order_by("pk")[:_BATCH]):
        for contact in people:
            contact.company = company
            index_contact(contact)
        Contact.objects.bulk_update(people, ["search_text"])
        last = str(people[-1].pk)


def _refuse_taken(actor: Actor, domain: str) -> None:
    other = Company.objects.visible_to(actor).present().filter(domain=domain).first()
    if other is not None:
        raise Conflict(
            _TAKEN,
            hint="Read or update that company.",
            company_id=str(other.pk),
            field="domain",
        )
