"""What happens inside an installation between two clicks, done by its own services."""

from django.db import transaction

from accounts.models import Membership, Workspace
from approvals.models import Action
from core import operations
from crm.models import Contact
from tests import factories


def approve_and_move(action_id: str, contact_id: str, address: str) -> None:
    """Rex approves; before the message can leave, the contact gets another address."""
    rex = Membership.objects.get(user__email="rex@acme.example")
    with transaction.atomic():
        shown = Action.objects.get(pk=action_id).fingerprint
        operations.submit(
            factories.person(rex),
            operations.get("approvals.action.approve"),
            {"action_id": action_id, "fingerprint": shown},
        )
        Contact.objects.filter(pk=contact_id).update(email=address)


def meet(address: str) -> None:
    """A new contact appears in the workspace."""
    factories.contact(Workspace.objects.get(slug="acme"), address)
