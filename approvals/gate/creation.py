"""create_action: a draft of any type goes through that type's own operation."""

from approvals import registry
from approvals.schemas.actions import CreateAction
from core.access import Role, Scope
from core.operations import Effect, Operation, Proposal, declare

CREATE = declare(
    Operation(
        "approvals.action.create",
        CreateAction,
        None,
        (Scope.ACTIONS_WRITE,),
        Effect.SEND,
        gated=True,
        open_world=True,
        propose_role=Role.MEMBER,
        run_role=Role.REVIEWER,
    )
)


def target_of(data: CreateAction) -> tuple[str, Proposal]:
    """The operation of a draft, and its fields besides params.

    Raises ValidationFailed for an unknown type.
    """
    proposal = Proposal(
        identity_id=data.identity_id,
        contact_id=data.contact_id,
        scheduled_time=data.scheduled_time,
        replaces=data.replaces,
        description=data.description,
        evidence=tuple(data.evidence),
    )
    return registry.creatable(data.type).operation, proposal
