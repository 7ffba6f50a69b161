"""The lifecycle stage of a contact, changed with a reason that stays in its history."""

from core.access import Role, Scope
from core.actor import Actor
from core.operations import Effect, operation
from core.outcomes import Effected, Inverse, Preview
from core.schemas import as_json
from crm import records
from crm.properties import CONTACT_PROPERTIES
from crm.queries.contacts import contact_out, present_contact
from crm.schemas.tasks import UpdateLifecycleStage
from crm.services.contacts import merge

_STAGE = "lifecyclestage"


def preview_stage(actor: Actor, data: UpdateLifecycleStage) -> Preview:
    """The stage now and then."""
    contact = present_contact(actor, data.contact_id)
    changes = records.differences(contact, CONTACT_PROPERTIES, {_STAGE: data.stage})
    return Preview(
        noun="contact",
        target_id=str(contact.pk),
        target_name=contact.email,
        version=contact.version,
        changes=records.previews(CONTACT_PROPERTIES, changes),
    )


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
    previous = merge(actor, contact, {_STAGE: data.stage}, reason=data.reason)
    back = {"contact_id": data.contact_id, "stage": before or None}
    return Effected(
        resource={"contact": as_json(contact_out(contact))},
        previous=previous,
        inverse=Inverse(operation="crm.contact.stage.update", arguments=back) if previous else None,
    )
