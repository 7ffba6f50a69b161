"""The gate: a gated operation becomes a row and runs or waits (operations-5, policy-1)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from approvals import links, registry
from approvals.drafting import checks, drafts, last_contact, taint, timing
from approvals.drafting.assessment import Assessment
from approvals.drafting.checks import Finding, Force, Stage
from approvals.drafting.drafts import Draft
from approvals.known_recipients import known_among
from approvals.ledger import transitions
from approvals.models import Action, Recipient
from approvals.policy import engine, rights, versions
from approvals.policy.engine import ActionRequest, Decided
from approvals.policy.schemas import Recipient as RecipientIs
from approvals.sending import running
from approvals.vocabulary import Detail, Ruling, Status
from core import clock
from core.actor import Actor, ActorKind, Client
from core.errors import NotFound, QueueFull, ValidationFailed
from core.operations import Operation, Proposal, Request
from core.outcomes import Outcome, Verdict
from crm.models import Event, Note, Thread
from crm.queries.conversations import present_messages, present_threads

OPEN_ITEMS_PER_APP = 200
OPEN_ITEMS_PER_AGENT = 100

_WOULD = {
    Ruling.RUN: Verdict.WOULD_EXECUTE,
    Ruling.QUEUE: Verdict.WOULD_QUEUE,
    Ruling.REFUSE: Verdict.WOULD_REFUSE,
}
_WAITS = "Tell the person that it waits for approval and give review_url. Do not retry or poll."


def plan(actor: Actor, operation: Operation, data: Any, request: Request) -> "GatePlan":
    """Render, check and apply policy to a gated request, before any transaction is open."""
    kind = registry.of_operation(operation.name)
    check_time(request.proposal.scheduled_time)
    _check_evidence(actor, request.proposal)
    check_thread(actor, getattr(data, "thread_id", None))
    draft = drafts.make(actor, kind, data, request.proposal)
    remember_taint(actor, draft)
    ruling = rule_on(actor, draft, request.require_approval, direct=operation.direct(actor, data))
    subject = checks.of_draft(actor.workspace_id, draft, actor.kind)
    found = checks.findings(subject, Stage.PROPOSAL)
    return GatePlan(actor, draft, _checked(actor, ruling, found), request.proposal)


@dataclass(frozen=True, slots=True)
class GatePlan:
    """The plan for one request."""

    actor: Actor
    draft: Draft
    ruling: Decided
    proposal: Proposal

    def foresee(self) -> Outcome:
        """The answer to a dry run."""
        if self.draft.is_noop:
            return Outcome(
                status=Verdict.NOOP, why="No change: the record already has these values."
            )
        return Outcome(
            status=_WOULD[self.ruling.ruling],
            why=self.ruling.why,
            unknown_properties=self._unknown(),
            possible_duplicates=self._duplicates(),
            next=rights.who_decides(self.draft.kind, self.ruling.as_record())
            if self.ruling.ruling is Ruling.QUEUE
            else None,
        )

    def carry_out(self) -> Outcome:
        """Write the row, and run it if allowed."""
        if self.draft.is_noop:
            return Outcome(
                status=Verdict.NOOP,
                why="No change: the record already has these values.",
                unknown_properties=self._unknown(),
            )
        if self.ruling.ruling is Ruling.REFUSE:
            return Outcome(status=Verdict.REFUSED, why=self.ruling.why)
        twin = self._waiting_twin()
        if twin is not None:
            return self._queued(
                twin, "The same draft is already waiting; no second one was created."
            )
        self._check_flood()
        action = self._write()
        if self.ruling.ruling is Ruling.QUEUE:
            return self._queued(action, self.ruling.why)
        return self._let_through(action)

    def queue_again(self, old: Action) -> Outcome:
        """Write the row of a new draft of `old`, which has ended; it waits."""
        twin = self._waiting_twin()
        if twin is not None:
            return self._queued(
                twin, "The same draft is already waiting; no second one was created."
            )
        self._check_flood()
        return self._queued(self._write(replaces=old), self.ruling.why)

    def _write(self, replaces: Action | None = None) -> Action:
        moment = clock.now()
        actor, draft = self.actor, self.draft
        action = Action.objects.create(
            workspace_id=actor.workspace_id,
            type=draft.kind.name,
            status=Status.PENDING,
            **row_values(draft, self.proposal),
            evidence=list(self.proposal.evidence),
            description=self.proposal.description,
            replaces=replaces or self._replaced(),
            expires_at=timing.decide_by(
                draft.kind.declared,
                moment,
                actor.workspace_id,
                answers_live=last_contact.is_live(
                    actor.workspace_id, draft.params.get("thread_id"), moment
                ),
            ),
            requested_by_id=actor.user_id,
            requester_kind=actor.kind,
            requester_name=actor.name,
            surface=actor.surface,
            agent_id=actor.agent_id,
            run_id=actor.run_id,
            client=_record_of(actor.client),
            grant_role=actor.role,
            policy=self.ruling.as_record(),
            created_at=moment,
            updated_at=moment,
        )
        write_recipients(action, draft)
        transitions.record_step(actor, action, "drafted")
        return action

    def _let_through(self, action: Action) -> Outcome:
        is_person = self.actor.kind is ActorKind.PERSON
        decider: dict[str, Any] = (
            {
                "decided_by_id": self.actor.user_id,
                "decided_at": clock.now(),
                "decision": {"verdict": "approved", "level": "own request"},
            }
            if is_person
            else {}
        )
        hold = settings.UNDO_WINDOW_SECONDS if is_person else settings.UNDO_WINDOW_CHAT_SECONDS
        status = Status.APPROVED if is_person else Status.AUTO_APPROVED
        seen = Assessment(self.actor, action)
        running.let_through(self.actor, seen, status, "let_through", hold, **decider)
        if action.status == Status.COMPLETED:
            return Outcome(
                status=Verdict.EXECUTED,
                action_id=str(action.pk),
                action_status=action.status,
                why=self.ruling.why,
                result=action.result,
                previous=action.previous,
                unknown_properties=self._unknown(),
                possible_duplicates=self._duplicates(),
            )
        return Outcome(
            status=Verdict.SCHEDULED,
            action_id=str(action.pk),
            action_status=action.status,
            status_detail=action.status_detail or None,
            runs_at=action.runs_at,
            why=self.ruling.why,
            review_url=links.card(str(action.pk)),
            next="It will be sent at runs_at unless a person undoes it. It is not sent yet.",
        )

    def _queued(self, action: Action, why: str) -> Outcome:
        return Outcome(
            status=Verdict.QUEUED,
            action_id=str(action.pk),
            action_status=action.status,
            status_detail=action.status_detail or None,
            expires_at=action.expires_at,
            why=why,
            review_url=links.card(str(action.pk)),
            unknown_properties=self._unknown(),
            possible_duplicates=self._duplicates(),
            next=_WAITS,
        )

    def _waiting_twin(self) -> Action | None:
        same = Action.objects.visible_to(self.actor).pending()
        return same.filter(
            type=self.draft.kind.name,
            fingerprint=self.draft.fingerprint,
            requested_by_id=self.actor.user_id,
        ).first()

    def _check_flood(self) -> None:
        same, most = _flood_of(self.actor)
        if same is None:
            return
        mine = Action.objects.visible_to(self.actor).pending().filter(**same).count()
        if mine >= most:
            raise QueueFull(
                f"{mine} of your drafts are already waiting for approval.",
                hint="Ask a person to clear the queue first.",
            )

    def _replaced(self) -> Action | None:
        if not self.proposal.replaces:
            return None
        old = Action.objects.visible_to(self.actor).filter(pk=self.proposal.replaces).first()
        if old is None:
            raise NotFound("action")
        if old.requested_by_id != self.actor.user_id or old.status != Status.PENDING:
            raise ValidationFailed(
                "You can replace only your own waiting drafts.", field="replaces"
            )
        return transitions.move(
            self.actor, old, Status.CANCELLED, "superseded", detail=Detail.SUPERSEDED
        )

    def _unknown(self) -> list[dict[str, str]] | None:
        preview = self.draft.preview
        return (preview.unknown_properties or None) if preview else None

    def _duplicates(self) -> list[dict[str, str]] | None:
        preview = self.draft.preview
        return (preview.possible_duplicates or None) if preview else None


def _record_of(client: Client | None) -> dict[str, str] | None:
    """The app or key of a request as the ledger stores it."""
    if client is None:
        return None
    return {
        "name": client.name,
        "host": client.host,
        "connection_id": client.connection_id,
        "token_id": client.token_id,
        "family": client.family,
    }


def _flood_of(actor: Actor) -> tuple[dict[str, Any] | None, int]:
    """The filter for a requester's open items, and their limit (policy-10)."""
    if actor.agent_id is not None:
        return {"agent_id": actor.agent_id}, OPEN_ITEMS_PER_AGENT
    if actor.client is not None:
        return {"client__connection_id": actor.client.connection_id}, OPEN_ITEMS_PER_APP
    if actor.kind is ActorKind.KEY:
        return {"requester_kind": actor.kind, "requested_by_id": actor.user_id}, OPEN_ITEMS_PER_APP
    return None, OPEN_ITEMS_PER_APP


def remember_taint(actor: Actor, draft: Draft, before: dict[str, Any] | None = None) -> None:
    """Store with the draft which external objects its app had read; edits keep the taint."""
    found = taint.taint_of(actor) or before
    if found:
        draft.drafted_on["taint"] = found


def rule_on(actor: Actor, draft: Draft, require_approval: bool | None, direct: str = "") -> Decided:
    """The ruling of the workspace's policy on this actor's draft, now."""
    workspace_id = actor.workspace_id
    proposed = ActionRequest(
        actor=actor,
        op=draft.kind.declared,
        type_name=draft.kind.name,
        red=draft.red,
        require_approval=require_approval,
        direct=direct,
        recipient=_recipient_of(workspace_id, draft),
        tainted=taint.words(draft.drafted_on.get("taint")),
        moment=clock.now().astimezone(versions.zone_of(workspace_id)),
        ran_by_just_me=partial(versions.ran_by_just_me, actor),
    )
    held = versions.current(workspace_id)
    return engine.decide(proposed, held, versions.labels(workspace_id, held.rules))


def _checked(actor: Actor, ruling: Decided, found: list[Finding]) -> Decided:
    """The ruling restricted by findings: an app is stopped, a person gets a card."""
    stop, wait = checks.first(found, Force.STOPS), checks.first(found, Force.QUEUES)
    if stop is not None and actor.kind is not ActorKind.PERSON:
        return replace(ruling, ruling=Ruling.REFUSE, why=stop.sentence)
    hindrance = stop or wait
    if hindrance is None or ruling.ruling is not Ruling.RUN:
        return ruling
    return replace(ruling, ruling=Ruling.QUEUE, why=f"Needs approval: {hindrance.sentence}")


def _recipient_of(workspace_id: str, draft: Draft) -> RecipientIs:
    if draft.rendered is None:
        return RecipientIs.ANY
    addresses = {row.address for row in draft.rendered.addressees}
    is_new = bool(addresses - known_among(workspace_id, addresses))
    return RecipientIs.NEW if is_new else RecipientIs.KNOWN


def row_values(draft: Draft, proposal: Proposal) -> dict[str, Any]:
    """The columns set from a draft, at drafting and at every edit."""
    rendered = draft.rendered
    return {
        "params": draft.params,
        "rendered": rendered.message if rendered else None,
        "fingerprint": draft.fingerprint,
        "drafted_on": draft.drafted_on,
        "red_reasons": draft.red,
        "identity": draft.identity,
        "contact": draft.contact,
        "company_id": draft.company_id,
        "scheduled_time": proposal.scheduled_time,
    }


def write_recipients(action: Action, draft: Draft) -> None:
    """Store the resolved recipients of an action that has none."""
    Recipient.objects.bulk_create(
        Recipient(
            workspace_id=action.workspace_id,
            action=action,
            kind=row.kind,
            address=row.address,
            contact_id=row.contact_id,
        )
        for row in (draft.rendered.addressees if draft.rendered else [])
    )


def _check_evidence(actor: Actor, proposal: Proposal) -> None:
    """Refuse ids that are not events, notes or messages of this workspace; invented, foreign and
    unshared ones get the same answer.
    """
    given = set(proposal.evidence)
    rows: list[QuerySet[Any]] = (
        [Event.objects.visible_to(actor), Note.objects.visible_to(actor), present_messages(actor)]
        if given
        else []
    )
    found = {
        str(pk) for kind in rows for pk in kind.filter(pk__in=given).values_list("pk", flat=True)
    }
    if given - found:
        raise ValidationFailed(
            "evidence contains an id that does not exist in this workspace.",
            hint="Use ids of events, notes and messages that a tool returned.",
            field="evidence",
        )


def check_thread(actor: Actor, thread_id: str | None) -> None:
    """Refuse a conversation that the requester may not read."""
    if not thread_id:
        return
    thread: Thread = present_threads(actor).one(thread_id, "thread")
    if not thread.is_open_to(actor):
        raise ValidationFailed(
            "This conversation is not shared with you.",
            hint="Omit thread_id, or ask the mailbox's owner.",
            field="thread_id",
        )


def check_time(moment: datetime | None) -> None:
    """Refuse a scheduled time that is past, beyond a year, or without a zone."""
    if moment is None:
        return
    if moment.tzinfo is None:
        raise ValidationFailed("scheduled_time needs a time zone.", field="scheduled_time")
    if not clock.now() < moment < clock.now() + timedelta(days=366):
        raise ValidationFailed(
            "scheduled_time must be in the future and within a year.", field="scheduled_time"
        )
