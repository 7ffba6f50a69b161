"""The lifecycle stage of a contact, changed with a reason that stays in its history."""

from core.access import Role, Scope
from core.actor import Actor
from core.operations import Effect, operation
from core.outcomes import Effected, Inverse, Preview
from crm.queries.contacts import present_contact
from crm.schemas.tasks import UpdateLifecycleStage
from crm.services.contacts import CONTACTS

_STAGE = "lifecyclestage"


def preview_stage(actor: Actor, data: UpdateLifecycleStage) -> Preview:
    """The stage now and then."""
    contact = present_contact(actor, data.contact_id)
    return CONTACTS.preview_of(contact, {_STAGE: data.stage}, {})


@operation(
    "crm.contact.stage.update",
    schema=UpdateLifecycleStage,
    scope=Scope.ACTIONS_WRITE,
    effect=Effect.CHANGE,
    gated=True,
    idempotent=True,
    propose_role=Role.MEMBER,
    run_role=Role.REVIEWER,
    preview=preview_stage,
)
def update_lifecycle_stage(actor: Actor, data: UpdateLifecycleStage) -> Effected:
    """Set the stage; the step and its reason are kept."""
    contact = present_contact(actor, data.contact_id)
    before = contact.lifecyclestage
    previous = CONTACTS.merge(actor, contact, {_STAGE: data.stage}, reason=data.reason)
    back = {"contact_id": data.contact_id, "stage": before or None}
    undo = Inverse(operation="crm.contact.stage.update", arguments=back) if previous else None
    return CONTACTS.effected(contact, undo, previous)
