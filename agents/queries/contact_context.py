"""The facts about one contact that an agent may see: the same for every provider.

Bots' events are omitted; mail is read only as far as its mailbox is shared.
"""

from collections.abc import Mapping
from dataclasses import fields
from datetime import timedelta
from typing import Any, cast

from django.db.models import Model, QuerySet
from django.db.models.functions import Left

from agents.models import Agent
from agents.planning.facts import (
    Activity,
    Facts,
    Firm,
    OpenAction,
    PastDecision,
    PastEmail,
    Person,
    Remark,
    Sender,
)
from agents.queries.feedback import decided, open_outbound
from approvals import registry
from approvals.known_recipients import known_among
from approvals.suppression.lookup import suppressed_among
from core import clock
from core.actor import Actor
from core.answer_size import shorten
from crm.models import Company, Contact, Event
from crm.queries.contacts import present_contact
from crm.queries.conversations import present_messages
from crm.queries.notes import present_notes
from crm.queries.periods import zone_of
from identities.models import Identity
from identities.models.connected import PAUSED
from identities.queries.identities import resend_of, senders

EVENTS, NOTES, MESSAGES, ACTIONS, DECISIONS = 100, 20, 20, 20, 10
LETTERS = 2000
_ACTIVE = timedelta(days=30)


def facts_of(actor: Actor, agent: Agent, contact_id: str) -> Facts:
    """The current facts about a contact; raises NotFound for a deleted one."""
    contact = present_contact(actor, contact_id)
    company = contact.company
    messages = _messages(actor, contact)
    replies = [row.at for row in messages if row.direction == "in"]
    return Facts(
        contact=_person(contact),
        company=_firm(company) if company else None,
        events=tuple(map(_happening, _events(actor).filter(contact=contact)[:EVENTS])),
        notes=_notes(actor, contact),
        messages=messages,
        open_actions=_open_actions(actor, contact_id),
        past_decisions=_decisions(actor, agent, contact_id),
        suppressed=bool(suppressed_among(actor.workspace_id, [contact.email])),
        replied_at=max(replies, default=None),
        known=bool(known_among(actor.workspace_id, [contact.email])),
        colleagues_active=_colleagues(actor, contact),
        sender=_sender(actor, agent),
        time_zone=str(zone_of(actor)),
    )


def read_list(facts: Facts, version: int) -> list[dict[str, Any]]:
    """The objects read, as stored by the run: ids, kinds, times and sources."""
    found: list[dict[str, Any]] = [
        {"id": facts.contact.id, "kind": "contact", "version": version, "source": "external"}
    ]
    if facts.company:
        found.append({"id": facts.company.id, "kind": "company", "source": "external"})
    kinds = (("event", facts.events), ("note", facts.notes), ("message", facts.messages))
    for kind, rows in kinds:
        found += [
            {"id": row.id, "kind": kind, "at": clock.iso(row.at), "source": row.source}
            for row in rows
        ]
    return found


def _person(contact: Contact) -> Person:
    owner = str(contact.owner) if contact.owner_id else ""
    properties = _shortened(contact.properties)
    return Person(**_columns(contact, Person, owner=owner, properties=properties))


def _firm(company: Company) -> Firm:
    return Firm(**_columns(company, Firm, properties=_shortened(company.properties)))


def _events(actor: Actor) -> QuerySet[Event]:
    rows = Event.objects.visible_to(actor).filter(is_bot=False)
    return rows.order_by("-timestamp", "-id")


def _happening(event: Event) -> Activity:
    data = _shortened(event.data)
    rest = {"at": event.timestamp, "data": data, "source": "external"}
    return Activity(**_columns(event, Activity, **rest))


def _columns(row: Model, kind: type[Person | Firm | Activity], **rest: Any) -> dict[str, Any]:
    """The arguments of a fact: `rest`, and the row's columns of the names that it leaves."""
    rest["id"] = str(row.pk)
    names = {field.name for field in fields(kind)} - rest.keys()
    return {name: getattr(row, name) for name in names} | rest


def _notes(actor: Actor, contact: Contact) -> tuple[Remark, ...]:
    rows = present_notes(actor).filter(contact=contact).order_by("-created_at", "-id")
    return tuple(
        Remark(str(row.pk), row.created_at, shorten(row.content, LETTERS), cast("Any", row.source))
        for row in rows[:NOTES]
    )


def _messages(actor: Actor, contact: Contact) -> tuple[PastEmail, ...]:
    rows = present_messages(actor).filter(thread__contact=contact, automatic=False)
    rows = rows.select_related("thread").defer("body").annotate(begin=Left("body", LETTERS + 1))
    found = []
    for row in rows.order_by("-sent_at", "-id")[:MESSAGES]:
        is_open = row.thread.is_open_to(actor)
        found.append(
            PastEmail(
                id=str(row.pk),
                at=row.sent_at,
                direction="in" if row.direction == "in" else "out",
                channel=row.thread.source,
                subject=row.subject,
                excerpt=shorten(row.begin, LETTERS) if is_open else "",  # type: ignore[attr-defined]
                source="external" if row.direction == "in" else "person",
                thread_id=str(row.thread_id),
            )
        )
    return tuple(found)


def _open_actions(actor: Actor, contact_id: str) -> tuple[OpenAction, ...]:
    return tuple(
        OpenAction(
            id=str(row.pk),
            type=row.type,
            status=row.status,
            at=row.created_at,
            outbound=row.rendered is not None,
        )
        for row in open_outbound(actor, contact_id)[:ACTIONS]
        if row.type in registry.TYPES
    )


def _decisions(actor: Actor, agent: Agent, contact_id: str) -> tuple[PastDecision, ...]:
    return tuple(
        PastDecision(
            action_id=str(row.pk),
            type=row.type,
            decision=str((row.decision or {}).get("verdict", "")),
            reason_code=str((row.decision or {}).get("reason_code", "")),
            reason=str((row.decision or {}).get("reason", "")),
            at=row.decided_at or row.updated_at,
        )
        for row in decided(actor, str(agent.pk), contact_id)[:DECISIONS]
    )


def _colleagues(actor: Actor, contact: Contact) -> int:
    if contact.company_id is None:
        return 0
    since = clock.now() - _ACTIVE
    rows = Event.objects.visible_to(actor).filter(
        contact__company=contact.company_id, timestamp__gt=since, is_bot=False
    )
    return rows.exclude(contact=contact).order_by().values("contact").distinct().count()


def _sender(actor: Actor, agent: Agent) -> Sender | None:
    if agent.identity_id is None:
        return None
    identity: Identity | None = senders(actor).active().filter(pk=agent.identity_id).first()
    if identity is None:
        return None
    mailbox = getattr(identity, "mailbox", None)
    channels = [row.kind for row in identity.channels.all() if row.state != PAUSED]
    if mailbox is not None or (identity.resend_address and resend_of(actor)):
        channels.insert(0, "email")
    return Sender(str(identity), str(identity.pk), tuple(map(str, channels)), identity.signature)


def _shortened(given: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values, long texts cut."""
    return {
        key: shorten(value) if isinstance(value, str) else value
        for key, value in given.items()
        if value is None or isinstance(value, str | int | float | bool)
    }
