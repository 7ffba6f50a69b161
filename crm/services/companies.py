"""Making, changing and deleting companies."""

from typing import Any

from core import domains
from core.access import Scope
from core.actor import Actor
from crm import duplicates, records
from crm.models import Company, Contact
from crm.properties import COMPANY_PROPERTIES
from crm.queries.companies import company_out, present_company
from crm.schemas.companies import ChosenCompany, CreateCompany, UpdateCompany
from crm.services.record_kind import RecordKind

_BATCH = 500


class Companies(RecordKind[Company]):
    """Companies: their contacts are found by their names too."""

    model = Company
    noun = "company"
    key = "domain"
    key_words = "domain"
    known = COMPANY_PROPERTIES
    scope = Scope.COMPANIES_WRITE
    present = staticmethod(present_company)
    shown = staticmethod(company_out)
    normal = staticmethod(domains.normalize)
    duplicates = staticmethod(duplicates.of_company)

    def name_of(self, row: Company) -> str:
        return row.name

    def merge(self, actor: Actor, row: Company, properties: dict[str, Any]) -> dict[str, Any]:
        """Set changed values; a new name or domain updates the search text of its contacts."""
        previous = super().merge(actor, row, properties)
        if {"name", "domain"} & previous.keys():
            _index_people(row)
        return previous


COMPANIES = Companies()
create_company, update_company, delete_company, restore_company = COMPANIES.declare(
    create=CreateCompany, update=UpdateCompany, chosen=ChosenCompany
)


def _index_people(company: Company) -> None:
    rows = Contact.objects.filter(workspace_id=company.workspace_id, company=company)
    last = ""
    while people := list((rows.filter(pk__gt=last) if last else rows).order_by("pk")[:_BATCH]):
        for contact in people:
            contact.company = company
            records.index(contact)
        Contact.objects.bulk_update(people, ["search_text"])
        last = str(people[-1].pk)
