"""Storing events that a server reports; a repeated one is stored once (data-5)."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import clock
from core.access import Role, Scope
from core.actor import Actor
from core.errors import ValidationFailed
from core.ids import new_id_at
from core.operations import Effect, operation
from core.outcomes import Effected
from core.strict_json import is_storable
from crm.events.client import client_of
from crm.events.page import page_of, referring_domain
from crm.models import Contact, Event, EventKey, Visitor
from crm.queries.periods import moment_in, zone_of
from crm.schemas.events import MAX_DATA_BYTES, IngestedEvent, IngestEvents

SOURCE = "api"


@dataclass(frozen=True, slots=True)
class _People:
    """The contacts the events of a call may belong to."""

    by_id: dict[str, Contact]
    by_visitor: dict[str, Contact]

    def of(self, given: IngestedEvent) -> Contact | None:
        named = self.by_id.get(given.contact_id or "")
        return named or self.by_visitor.get(given.visitor_id)


@operation(
    "crm.event.ingest",
    schema=IngestEvents,
    scope=Scope.EVENTS_WRITE,
    effect=Effect.ADD,
    propose_role=Role.MEMBER,
    run_role=Role.MEMBER,
)
def ingest_events(actor: Actor, data: IngestEvents) -> Effected:
    """Store up to 100 events. A time in the future becomes now; an unknown contact is left empty.

    The answer lists each event's id in the order given, `duplicate` if it was already stored.
    Raises ValidationFailed for data above 8 KB.
    """
    for number, given in enumerate(data.events):
        _check_data(given.data, f"events.{number}.data")
    now, zone = clock.now(), zone_of(actor)
    people = _people(actor, data.events)
    rows = [
        _row(actor, given, people.of(given), _clamped(given.timestamp, now, zone), now)
        for given in data.events
    ]
    kept = _first_ids(actor, data.events, rows, now)
    new = [row for row, first in zip(rows, kept, strict=True) if first == row.pk]
    Event.objects.bulk_create(new)
    return Effected(
        resource={
            "stored": len(new),
            "duplicates": len(rows) - len(new),
            "events": [
                {"event_id": first} | ({} if first == row.pk else {"duplicate": True})
                for row, first in zip(rows, kept, strict=True)
            ],
        }
    )


def _check_data(data: dict[str, Any], field: str) -> None:
    if not all(_is_plain(value) for value in data.values()):
        raise ValidationFailed("Numbers must be finite and at most 2^53.", field=field)
    text = json.dumps(data, ensure_ascii=False)
    if not all(is_storable(part) for part in (*data, *data.values()) if isinstance(part, str)):
        raise ValidationFailed("The text contains a NUL or a lone surrogate.", field=field)
    if len(text.encode()) > MAX_DATA_BYTES:
        raise ValidationFailed(f"At most {MAX_DATA_BYTES} bytes of data per event.", field=field)


def _is_plain(value: Any) -> bool:
    # NaN does not compare; JSON has neither it nor infinity (RFC 8259 6).
    return not isinstance(value, int | float) or -(2**53) <= value <= 2**53


def _clamped(given: datetime | None, now: datetime, zone: Any) -> datetime:
    return now if given is None else min(now, moment_in(given, zone))


def _people(actor: Actor, events: list[IngestedEvent]) -> _People:
    ids = {given.contact_id for given in events if given.contact_id}
    visitors = {given.visitor_id for given in events if given.visitor_id}
    present = Contact.objects.visible_to(actor).present()
    known = Visitor.objects.visible_to(actor).filter(contact__deleted_at=None)
    return _People(
        by_id={str(row.pk): row for row in present.filter(pk__in=ids)},
        by_visitor={
            row.visitor_id: row.contact
            for row in known.filter(visitor_id__in=visitors).select_related("contact")
        },
    )


def _row(
    actor: Actor, given: IngestedEvent, contact: Contact | None, moment: datetime, now: datetime
) -> Event:
    page, client = page_of(given.url), client_of(given.user_agent)
    version = {"browser_version": client.browser_version} if client.browser_version else {}
    return Event(
        id=new_id_at("evt", moment),
        workspace_id=actor.workspace_id,
        contact=contact,
        company_id=contact.company_id if contact else None,
        event=given.event,
        timestamp=moment,
        source=SOURCE,
        visitor_id=given.visitor_id,
        session_id=given.session_id,
        url=given.url,
        domain=page.domain,
        path=page.path,
        title=given.title,
        referrer=given.referrer,
        referring_domain=referring_domain(given.url, given.referrer),
        utm_source=page.utm_source,
        utm_medium=page.utm_medium,
        utm_campaign=page.utm_campaign,
        browser=client.browser,
        os=client.os,
        device_type=client.device_type,
        is_bot=client.is_bot,
        country=given.country,
        data={**version, **given.data},
        created_at=now,
    )


def _first_ids(
    actor: Actor, events: list[IngestedEvent], rows: list[Event], now: datetime
) -> list[str]:
    """The id of each event as it was first stored: its own, or that of the one it repeats."""
    keys = [
        EventKey(
            workspace_id=actor.workspace_id,
            source=SOURCE,
            source_key=given.event_id,
            event_id=row.pk,
            created_at=now,
        )
        for given, row in zip(events, rows, strict=True)
        if given.event_id
    ]
    # In order, so that two calls with the same keys wait for each other and never crosswise.
    keys.sort(key=lambda key: key.source_key)
    EventKey.objects.bulk_create(keys, ignore_conflicts=True)
    stored = EventKey.objects.visible_to(actor).filter(
        source=SOURCE, source_key__in=[key.source_key for key in keys]
    )
    first = dict(stored.values_list("source_key", "event_id"))
    return [
        str(first.get(given.event_id or "", row.pk))
        for given, row in zip(events, rows, strict=True)
    ]
