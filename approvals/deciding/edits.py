"""Editing a draft: a new rendering and fingerprint; an approval becomes void (approvals-6)."""

from typing import Any

from approvals import registry
from approvals.deciding import decisions
from approvals.drafting import drafts, timing
from approvals.drafting.drafts import Draft
from approvals.gate import proposals
from approvals.ledger import transitions
from approvals.models import Action
from approvals.schemas.actions import EditAction
from approvals.sending import running
from approvals.vocabulary import HELD, Status
from core.access import Role, Scope
from core.actor import Actor
from core.errors import AlreadyDecided, Changed, Forbidden
from core.operations import Effect, Proposal, operation
from core.outcomes import Effected


@operation(
    "approvals.action.edit",
    schema=EditAction,
    scope=Scope.ACTIONS_WRITE,
    effect=Effect.CHANGE,
    idempotent=True,
    propose_role=Role.MEMBER,
    run_role=Role.MEMBER,
)
def edit(actor: Actor, data: EditAction) -> Effected:
    """Replace an action's draft; it waits for a person again.

    Raises Changed when another version was shown, AlreadyDecided when it has begun or ended.
    """
    rows = Action.objects.select_for_update(of=("self",)).visible_to(actor)
    action = rows.select_related("decided_by").one(data.action_id, "action")
    if action.requested_by_id != actor.user_id and not actor.has_role(Role.REVIEWER):
        raise Forbidden("Only the requester or a reviewer can edit this.")
    if action.status != Status.PENDING and action.status not in HELD:
        raise AlreadyDecided(decisions.already_sentence(action))
    decisions.refuse_if_tried(action)
    if data.version is not None and data.version != action.version:
        raise Changed("The draft was changed after it was shown.", hint="Read it again.")
    proposals.check_time(data.scheduled_time)
    proposal = _proposal(action, data)
    params = action.params if data.params is None else data.params
    proposals.check_thread(actor, params.get("thread_id"))
    draft = drafts.make(actor, registry.TYPES[action.type], params, proposal)
    proposals.remember_taint(actor, draft, action.drafted_on.get("taint"))
    before = _text_of(action)
    transitions.move(
        actor,
        action,
        Status.PENDING,
        "edited",
        facts={"before": action.fingerprint, "by": actor.user_id},
        version=action.version + 1,
        edit_before=before,
        description=proposal.description,
        **timing.undecided(action),
        policy=_as_strict(actor, action, draft),
        **proposals.row_values(draft, proposal),
    )
    action.recipients.all().delete()
    proposals.write_recipients(action, draft)
    return Effected(
        resource={"action_id": str(action.pk), "version": action.version, "status": action.status}
    )


def _proposal(action: Action, data: EditAction) -> Proposal:
    identity_id = data.identity_id or action.identity_id
    return Proposal(
        identity_id=str(identity_id) if identity_id else None,
        scheduled_time=data.scheduled_time or action.scheduled_time,
        description=action.description if data.description is None else data.description,
    )


def _as_strict(actor: Actor, action: Action, draft: Draft) -> dict[str, Any]:
    """The action's ruling, with a rule's conditions for deciders of the new draft."""
    asker = running.as_requester(actor, action)
    ruled = proposals.rule_on(asker, draft, True).as_record()
    flags = {name: True for name in ("four_eyes", "dashboard_only") if ruled.get(name)}
    kept: dict[str, Any] = action.policy | flags
    return kept


def _text_of(action: Action) -> dict[str, Any]:
    """The text a person reads, for the word diff."""
    message = action.rendered or {}
    return {"subject": message.get("subject", ""), "text": message.get("text", "")}
