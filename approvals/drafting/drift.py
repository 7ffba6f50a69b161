"""Drift: changes since an action was drafted (approvals-12).

`redraft` drafts the action again from its params; a different fingerprint stops it. Mere changes of
stage or company are shown on the card.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from approvals.drafting import drafts, last_contact
from approvals.drafting.drafts import Draft
from approvals.models import Action
from core.actor import Actor
from core.errors import AppError
from crm.models import Contact


@dataclass(frozen=True, slots=True)
class Drift:
    """One change since the draft; `stops` when the card cannot be approved without an edit.

    `unread` is the id of a message since then: approving confirms that it was read.
    """

    sentence: str
    stops: bool
    unread: str = ""


@dataclass(frozen=True, slots=True)
class Redraft:
    """The action drafted again; `draft` is None when that is no longer possible."""

    draft: Draft | None
    problem: str = ""

    def stops(self, action: Action) -> bool:
        """Whether the action would now differ from its draft."""
        return self.draft is None or self.draft.fingerprint != action.fingerprint


def redraft(actor: Actor, action: Action) -> Redraft:
    """Draft the stored params again, in the actor's workspace. No network."""
    try:
        return Redraft(drafts.make_again(actor, action))
    except AppError as error:
        return Redraft(None, error.message)


def since_draft(
    actor: Actor, action: Action, again: Redraft, unread_now: list[Drift]
) -> list[Drift]:
    """Changes a person should know before deciding, in our words; stopping ones first."""
    return [*_stopping(action, again), *unread_now, *_moved(actor, action, again)]


def drift_ids(drifts: list[Drift]) -> str:
    """The ids of messages since the draft, as form values."""
    return " ".join(sorted(drift.unread for drift in drifts if drift.unread))


def unread_at_dispatch(action: Action) -> bool:
    """Whether a message came in or went out that was unread at the approval."""
    read = (action.decision or {}).get("seen", "").split()
    since = action.decided_at or action.created_at
    return any(found.unread not in read for found in unread(action, since))


def unread(action: Action, made_after: datetime | None = None) -> list[Drift]:
    """Messages from and to the contact since the draft.

    Other actions only if made after `made_after`: earlier ones were shown on the card.
    """
    if action.rendered is None or not action.contact_id or "heard" not in action.drafted_on:
        return []
    latest = last_contact.latest(
        str(action.workspace_id), str(action.contact_id), but=action, made_after=made_after
    )
    found = []
    if latest.heard and latest.heard != action.drafted_on["heard"]:
        said = "The contact sent a message."
        found.append(Drift(said, stops=False, unread=latest.heard))
    if latest.sent and latest.sent != action.drafted_on["sent"]:
        said = "Another message was sent to the contact."
        found.append(Drift(said, stops=False, unread=latest.sent))
    return found


def _stopping(action: Action, again: Redraft) -> list[Drift]:
    if again.draft is None:
        return [Drift(f"It can no longer run as drafted: {again.problem}", stops=True)]
    if again.draft.fingerprint == action.fingerprint:
        return []
    before, after = action.rendered or {}, _message(again.draft)
    parts = [
        sentence
        for key, sentence in (
            ("envelope_to", "The recipient's address changed."),
            ("envelope_from", "The sender's address changed."),
            ("from", "The sender's name changed."),
            ("text", "The sender's signature changed."),
        )
        if before.get(key) != after.get(key)
    ]
    return [Drift(part, stops=True) for part in parts or ["The message to be sent changed."]]


def _message(draft: Draft) -> dict[str, Any]:
    return draft.rendered.message if draft.rendered else {}


def _moved(actor: Actor, action: Action, again: Redraft) -> list[Drift]:
    seen = action.drafted_on.get("contact")
    if not seen:
        return []
    contact = again.draft.contact if again.draft else None
    if contact is None or contact.pk != seen["id"]:
        rows = Contact.objects.visible_to(actor).present().select_related("company")
        contact = rows.filter(pk=seen["id"]).first()
    if contact is None:
        return [Drift("The contact was deleted.", stops=True)]
    now = {
        "lifecyclestage": contact.lifecyclestage,
        "company": contact.company.domain if contact.company else "",
    }
    labels = {"lifecyclestage": "Lifecycle stage", "company": "Company"}
    return [
        Drift(f"{labels[key]}: {seen[key] or 'none'} → {value or 'none'}", stops=False)
        for key, value in now.items()
        if seen[key] != value
    ]
