"""The ledger's part of erasing a contact: what was asked for goes, that it was decided stays."""

from approvals.models import Action, Recipient, Step
from crm.models import Contact


def forget_contact(contact: Contact) -> None:
    """Empty every action about the contact: its texts, values, addresses and reasons.

    Type, times, people who decided, and the fingerprint stay, so the history still adds up. The
    caller holds the transaction.
    """
    about = Action.objects.filter(workspace_id=contact.workspace_id, contact=contact)
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
