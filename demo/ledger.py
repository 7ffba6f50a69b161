"""The demo's ledger: what was sent and turned down in the last weeks, and what waits now.

Everything goes through the real gate and the real decisions, in one transaction each, so that the
dispatcher never meets a row half-made; only the times are set back afterwards. Nothing is sent.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import make_msgid
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts import actors
from accounts.models import User, Workspace
from approvals import registry
from approvals.deciding import decisions
from approvals.drafting import timing
from approvals.ledger import transitions
from approvals.models import Action, Attempt
from approvals.schemas.actions import Decision
from approvals.vocabulary import Detail, Status
from core import clock
from core.access import SCOPE_RULES
from core.actor import Actor, ActorKind, Client, Surface
from core.errors import Forbidden
from core.operations import Operation, Proposal, Request
from core.outcomes import Effected
from crm.models import Contact, Event, Note
from crm.services.contacts import update_contact
from demo.drafts import CHANGES, EMAILS, OTHERS, Change, Email, Other
from identities.models import Identity

CLAUDE = Client(name="Claude", host="claude.ai", connection_id="demo")
_HELD = timedelta(seconds=13)
_SENDING = timedelta(seconds=1)
_EVIDENCE = 4
_FRIDAY = 4
_AFTER_EVENT = timedelta(minutes=25)


def ledger(place: Workspace, senders: Mapping[str, Identity]) -> int:
    """Draft and settle what is missing; returns how many actions were made.

    A draft that is there is left alone, whatever became of it; only one that nobody decided in time
    is drafted again.
    """
    made = 0
    for email in EMAILS:
        made += _email(place, email, senders[email.sender])
    for change in CHANGES:
        made += _change(place, change)
    for other in OTHERS:
        made += _other(place, other, senders)
    return made


def _email(place: Workspace, email: Email, sender: Identity) -> bool:
    contact = _contact(place, email.to)
    if contact is None or _is_there(contact, params__subject=email.subject):
        return False
    mia = _actor(place, "mia@acme.test", client=CLAUDE)
    drafted = _drafted_at(contact, email.days_ago, email.about)
    params = {"contact_id": str(contact.pk), "subject": email.subject, "body": email.body}
    proposal = Proposal(
        identity_id=str(sender.pk),
        scheduled_time=_day_at_nine(email.in_days) if email.in_days else None,
        description=email.why,
        evidence=_evidence(contact, email.about, drafted, with_note=email.cites_note),
    )
    with transaction.atomic():
        action = _propose(mia, registry.TYPES["email_message"].declared, params, proposal)
        _settle(place, action, email)
        _set_back(action, drafted)
    return True


def _change(place: Workspace, change: Change) -> bool:
    contact = _contact(place, change.of)
    if contact is None or _is_there(contact, type="update_contact"):
        return False
    mia = _actor(place, "mia@acme.test", client=CLAUDE)
    drafted = _drafted_at(contact, change.days_ago, change.about)
    params = {"contact_id": str(contact.pk), "properties": change.properties}
    evidence = _evidence(contact, change.about, drafted, with_note=False)
    proposal = Proposal(description=change.why, evidence=evidence)
    with transaction.atomic():
        _set_back(_propose(mia, update_contact, params, proposal), drafted)
    return True


def _other(place: Workspace, other: Other, senders: Mapping[str, Identity]) -> bool:
    """A draft of another type about a contact, which waits."""
    contact = _contact(place, other.about)
    if contact is None or _is_there(contact, type=other.type):
        return False
    if other.profile and not contact.linkedin_url:
        Contact.objects.filter(pk=contact.pk).update(linkedin_url=other.profile)
    mia = _actor(place, "mia@acme.test", client=CLAUDE)
    drafted = _drafted_at(contact, other.days_ago, ("/pricing",))
    own = {"contact_id": str(contact.pk)} if other.names_contact else {}
    proposal = Proposal(
        identity_id=str(senders[other.sender].pk) if other.sender else None,
        contact_id=str(contact.pk),
        description=other.why,
        evidence=_evidence(contact, ("/pricing",), drafted, with_note=False),
    )
    operation = registry.TYPES[other.type].declared
    with transaction.atomic():
        _set_back(_propose(mia, operation, {**own, **other.params}, proposal), drafted)
    return True


def _contact(place: Workspace, email: str) -> Contact | None:
    """The person, unless somebody trying the demo deleted or renamed them."""
    return Contact.objects.present().filter(workspace=place, email=email).first()


def _is_there(contact: Contact, **same: Any) -> bool:
    earlier = Action.objects.filter(contact=contact, client__connection_id="demo", **same)
    return earlier.exclude(status_detail=Detail.EXPIRED).exists()


def _actor(place: Workspace, email: str, client: Client | None = None) -> Actor:
    """The demo's person in the dashboard, or the app she connected, which only proposes."""
    user = User.objects.get_by_natural_key(email)
    membership = actors.membership_of(str(user.pk), str(place.pk))
    if membership is None:
        raise Forbidden(f"{email} is no member of the demo any more.")
    return actors.for_membership(
        membership,
        kind=ActorKind.APP if client else ActorKind.PERSON,
        surface=Surface.MCP if client else Surface.DASHBOARD,
        scopes=frozenset(s for s, rule in SCOPE_RULES.items() if rule.ticked) if client else None,
        client=client,
    )


def _propose(
    actor: Actor, op: Operation[Any, Effected], params: dict[str, Any], proposal: Proposal
) -> Action:
    answer = op.submit(actor, params, Request(proposal=proposal))
    return Action.objects.visible_to(actor).one(str(answer.action_id), "action")


def _settle(place: Workspace, action: Action, email: Email) -> None:
    """Rex's decision, and for a yes the record of a delivery."""
    if email.verdict == "waiting":
        return
    rex = _actor(place, "rex@acme.test")
    if email.verdict == "rejected":
        code, words = email.reason
        _decide(rex, action, decisions.reject, reason_code=code, reason=words)
        return
    _decide(rex, action, decisions.approve, fingerprint=action.fingerprint)
    _record_delivery(action)


def _decide(actor: Actor, action: Action, verdict: Operation[Any, Decision], **data: str) -> None:
    verdict.submit(actor, {"action_id": str(action.pk), **data})
    action.refresh_from_db()


def _record_delivery(action: Action) -> None:
    """What the dispatcher would have written; the demo's history never went anywhere."""
    dispatcher = Actor.for_job("approvals.dispatch", str(action.workspace_id))
    held = action.status
    transitions.move(dispatcher, action, Status.RUNNING, "claimed", facts={"from": held})
    moment = clock.now()
    attempt = Attempt(
        workspace_id=action.workspace_id,
        action=action,
        number=1,
        worker="demo",
        fingerprint=action.fingerprint,
        begun_at=moment,
        ended_at=moment,
        outcome=Status.COMPLETED,
    )
    attempt.receipt = {
        "provider_id": make_msgid(str(attempt.pk), domain="acme.test"),
        "code": "250",
        "sentence": "The mail server took the message.",
        "at": clock.iso(moment),
    }
    attempt.save(force_insert=True)
    transitions.move(
        dispatcher, action, Status.COMPLETED, "sent", receipt=attempt.receipt, attempts=1
    )


def _set_back(action: Action, drafted: datetime) -> None:
    """Give an action the times it would have, had it been drafted then."""
    decided = drafted + timedelta(minutes=9 + len(action.description) % 50)
    sent = decided + _HELD
    ends = sent + _SENDING
    at = {
        "drafted": drafted,
        "approved": decided,
        "rejected": decided,
        "claimed": sent,
        "sent": ends,
    }
    for step in action.steps.all():
        action.steps.filter(pk=step.pk).update(at=at[step.what])
    values: dict[str, Any] = {
        "created_at": drafted,
        "updated_at": drafted if action.status == Status.PENDING else ends,
        "expires_at": timing.decide_by(
            registry.TYPES[action.type].declared, drafted, str(action.workspace_id)
        ),
    }
    if action.decided_at:
        values |= {"decided_at": decided, "updated_at": decided}
    if action.status == Status.COMPLETED:
        receipt = {**(action.receipt or {}), "at": clock.iso(ends)}
        held = {
            "runs_at": sent,
            "undo_until": sent,
            "send_by": timing.send_by(decided, None, action.identity),
        }
        values |= {"updated_at": ends, "receipt": receipt, **held}
        action.tries.update(begun_at=sent, ended_at=ends, receipt=receipt)
    Action.objects.filter(pk=action.pk).update(**values)


def _drafted_at(contact: Contact, days_ago: float, about: tuple[str, ...]) -> datetime:
    """So long ago, in working hours, but after all that the draft speaks of had happened."""
    now = clock.now()
    moment = now - timedelta(days=days_ago)
    if days_ago >= 1:
        moment -= timedelta(days=max(0, moment.weekday() - _FRIDAY))
        moment = moment.replace(hour=8 + len(contact.email) % 7, minute=int(days_ago * 17) % 60)
    firsts = [_events(contact, name).values_list("timestamp", flat=True).first() for name in about]
    known = [first + _AFTER_EVENT for first in firsts if first]
    return min(now, max([moment, *known]))


def _evidence(
    contact: Contact, about: tuple[str, ...], drafted: datetime, *, with_note: bool
) -> tuple[str, ...]:
    """The newest events of the named pages and kinds before the draft, one or two each."""
    found: list[str] = []
    for name in about:
        events = _events(contact, name).filter(timestamp__lte=drafted).order_by("-timestamp")
        found += [str(pk) for pk in events.values_list("pk", flat=True)[:2]]
    notes = Note.objects.present().filter(contact=contact).order_by("-created_at")
    newest = [str(pk) for pk in notes.values_list("pk", flat=True)[:1]] if with_note else []
    return (*found[:_EVIDENCE], *newest)


def _events(contact: Contact, name: str) -> QuerySet[Event]:
    """What the contact did under this path or event name, oldest first."""
    same = {"path": name} if name.startswith("/") else {"event": name}
    return Event.objects.filter(contact=contact, **same).order_by("timestamp")


def _day_at_nine(days: int) -> datetime:
    return (clock.now() + timedelta(days=days)).replace(hour=9, minute=0, second=0, microsecond=0)
