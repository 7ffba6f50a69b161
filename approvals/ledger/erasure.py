"""The ledger's part of erasing a record: contents are deleted, decisions stay.

Type, times, people who decided, and the fingerprint stay, so the history still adds up. The caller
holds the transaction.
"""

from django.db.models import QuerySet

from approvals.models import Action, Recipient, Step
from crm.models import Company, Contact


def forget_contact(contact: Contact) -> None:
    """Clear every action about the contact: its texts, values, addresses and reasons."""
    _empty(Action.objects.filter(workspace_id=contact.workspace_id, contact=contact))


def forget_company(company: Company) -> None:
    """The same for a company; actions about its contacts are kept."""
    rows = Action.objects.filter(workspace_id=company.workspace_id, company=company)
    _empty(rows.filter(contact=None))


def _empty(about: QuerySet[Action]) -> None:
    Recipient.objects.filter(action__in=about).delete()
    Step.objects.filter(action__in=about).update(facts={})
    about.update(
        params={},
        rendered=None,
        drafted_on={},
        evidence=[],
        red_reasons=[],
        description="",
        edit_before=None,
        receipt=None,
        result=None,
        previous=None,
        inverse=None,
    )
