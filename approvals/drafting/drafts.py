"""Drafting: computes the effect of an action from its params, now. Changes nothing.

Done at drafting, at each edit, at approval and at dispatch: a difference from the stored draft is
drift and needs a person (approvals-12).
"""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import rfc8785
from pydantic import BaseModel

from approvals import registry
from approvals.drafting import last_contact
from approvals.known_recipients import known_among
from approvals.models import Action
from approvals.registry import ActionType
from core import clock
from core.actor import Actor
from core.errors import ValidationFailed
from core.operations import Proposal
from core.outcomes import Preview
from core.schemas import as_json
from crm.models import Contact
from identities.models import Identity
from identities.providers.contract import Rendered
from identities.providers.rendering import link_domains


@dataclass(frozen=True, slots=True)
class Draft:
    """The effect an action would have now.

    `red` (high-risk reasons) and `drafted_on` (versions it is based on) are stored with an action;
    a draft made only for comparison has none.
    """

    kind: ActionType
    params: dict[str, Any]
    identity: Identity | None
    contact: Contact | None
    company_id: str | None
    rendered: Rendered | None
    preview: Preview | None
    fingerprint: str
    red: list[str] = field(default_factory=list)
    drafted_on: dict[str, Any] = field(default_factory=dict)

    @property
    def is_noop(self) -> bool:
        """Whether nothing would change."""
        return self.preview is not None and not self.preview.changes


def make(actor: Actor, kind: ActionType, params: Any, proposal: Proposal) -> Draft:
    """A draft to store; raises AppError when the params are invalid or the target is missing."""
    data = kind.declared.validated(params)
    draft = _made_of(actor, kind, data, proposal)
    return replace(
        draft, red=_red(actor, kind, data, draft.rendered), drafted_on=_snapshot(actor, draft)
    )


def make_again(actor: Actor, action: Action) -> Draft:
    """A stored action drafted again now; raises the same."""
    kind = registry.TYPES[action.type]
    proposal = Proposal(
        identity_id=str(action.identity_id) if action.identity_id else None,
        contact_id=None,
        scheduled_time=action.scheduled_time,
    )
    return _made_of(actor, kind, kind.declared.validated(action.params), proposal)


def _made_of(actor: Actor, kind: ActionType, data: BaseModel, proposal: Proposal) -> Draft:
    stored = data.model_dump(mode="json", exclude_unset=True)
    identity = _identity(actor, kind, proposal.identity_id)
    rendered = kind.executor.render(actor, data, identity) if kind.executor else None
    preview = kind.declared.preview(actor, data) if kind.declared.preview else None
    contact = _contact(actor, stored, rendered, proposal)
    return Draft(
        kind=kind,
        params=stored,
        identity=identity,
        contact=contact,
        company_id=_company_id(stored, contact),
        rendered=rendered,
        preview=preview,
        fingerprint=_fingerprint(kind, stored, rendered, identity, proposal.scheduled_time),
    )


def _fingerprint(
    kind: ActionType,
    params: dict[str, Any],
    rendered: Rendered | None,
    identity: Identity | None,
    scheduled_time: datetime | None,
) -> str:
    """The approved version (sending-2): the first 32 hex characters of SHA-256 over the canonical
    JSON (RFC 8785) of everything that will happen.
    """
    whole = {
        "type": kind.name,
        "params": params,
        "message": rendered.message if rendered else None,
        "identity": str(identity.pk) if identity else None,
        "scheduled_time": clock.iso(scheduled_time) if scheduled_time else None,
    }
    return hashlib.sha256(rfc8785.dumps(whole)).hexdigest()[:32]


def _identity(actor: Actor, kind: ActionType, identity_id: str | None) -> Identity | None:
    if not kind.needs_identity:
        return None
    senders = Identity.objects.visible_to(actor).active().select_related("mailbox", "workspace")
    if not identity_id:
        raise ValidationFailed(
            "A message needs a sender.",
            hint="Set identity_id; list_identities lists the senders.",
            field="identity_id",
        )
    return senders.one(identity_id, "identity")


def _contact(
    actor: Actor, params: dict[str, Any], rendered: Rendered | None, proposal: Proposal
) -> Contact | None:
    """The contact it is about, inside or outside the params; both must agree."""
    inside = params.get("contact_id")
    outside = proposal.contact_id
    addressees = rendered.addressees if rendered else []
    resolved = {str(row.contact.pk): row.contact for row in addressees if row.contact}
    if outside and outside not in {inside, *resolved} and (inside or addressees):
        raise ValidationFailed(
            "contact_id and params name different people.",
            hint="Omit one of them.",
            field="contact_id",
        )
    chosen = inside or outside or next(iter(resolved), None)
    if chosen is None:
        return None
    rows = Contact.objects.visible_to(actor).present().select_related("company")
    return resolved.get(chosen) or rows.one(chosen, "contact")


def _company_id(params: dict[str, Any], contact: Contact | None) -> str | None:
    """The company in the params, found by the type's preview, or the contact's."""
    named = params.get("company_id") or (contact.company_id if contact else None)
    return str(named) if named else None


def _red(actor: Actor, kind: ActionType, data: BaseModel, rendered: Rendered | None) -> list[str]:
    """Reasons why it is high risk (policy-5) and needs confirmation, in our words."""
    reasons = list(kind.declared.sensitive(data))
    if rendered is None:
        return reasons
    everyone = [row.address for row in rendered.addressees]
    listed = [rendered.mailing_list] if rendered.mailing_list else []
    known = known_among(actor.workspace_id, everyone + listed)
    reasons += [f"first message to {address}" for address in everyone if address not in known]
    reasons += rendered.red
    # A broadcast reaches the whole list: adding to the list needs a person.
    reasons += [
        f"adds {address}, a new recipient, to a mailing list"
        for address in listed
        if address not in known
    ]
    familiar = {rendered.own_domain, *rendered.seen_domains}
    hosts = [host for host in link_domains(rendered.links) if host not in familiar]
    reasons += [f"new link to {host}" for host in hosts]
    reasons += [f"bcc to {row.address}" for row in rendered.addressees if row.kind == "bcc"]
    return reasons


def _snapshot(actor: Actor, draft: Draft) -> dict[str, Any]:
    """Versions and shown values of the records a draft is based on."""
    contact, identity, preview = draft.contact, draft.identity, draft.preview
    seen: dict[str, Any] = {}
    if contact:
        latest = last_contact.latest(actor.workspace_id, str(contact.pk))
        seen["heard"], seen["sent"] = latest.heard, latest.sent
        seen["contact"] = {
            "id": str(contact.pk),
            "version": contact.version,
            "lifecyclestage": contact.lifecyclestage,
            "company": contact.company.domain if contact.company else "",
        }
    if identity:
        seen["identity"] = {"id": str(identity.pk), "version": identity.version}
    if preview:
        seen["preview"] = as_json(preview)
    return seen
