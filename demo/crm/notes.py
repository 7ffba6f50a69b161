"""What the team, its assistant and the outside world wrote about people."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from accounts.models import User, Workspace
from core.ids import new_id_at
from crm.models import Contact, Note
from demo.crm.randomness import stream
from demo.files import load

_SHARE = 0.07  # of the contacts has a note by a person
_ASSISTANT_NOTES = 12
_ASSISTANT = "Claude"


@dataclass(frozen=True, slots=True)
class Written:
    """A note about the contact of this address, or about anybody when it is empty."""

    email: str
    days_ago: int
    text: str


@dataclass(frozen=True, slots=True)
class Texts:
    """Notes about the cast, by lifecycle stage, by the assistant, and from the web form."""

    by_cast: tuple[Written, ...]
    by_stage: dict[str, tuple[str, ...]]
    assistant: tuple[str, ...]
    external: tuple[Written, ...]


NOTES = load("notes", Texts)


def notes(
    seed: str, place: Workspace, contacts: list[Contact], people: list[User], now: datetime
) -> list[Note]:
    """The notes of a workspace; each lies between its contact's creation and `now`."""
    rng = stream(f"{seed}:notes")
    by_mail = {contact.email: contact for contact in contacts}
    found = [
        _note(
            rng,
            by_mail[one.email],
            one.text,
            now - timedelta(days=one.days_ago),
            person=rng.choice(people),
        )
        for one in NOTES.by_cast
        if one.email in by_mail
    ]
    others = [contact for contact in contacts if NOTES.by_stage.get(contact.lifecyclestage)]
    for contact in rng.sample(others, min(len(others), int(len(contacts) * _SHARE))):
        text = rng.choice(NOTES.by_stage[contact.lifecyclestage]).format(
            first=contact.firstname,
            company=contact.company,
            vans=rng.choice((12, 18, 24, 35, 40, 60, 85)),
            month=rng.choice(("January", "February", "March", "spring", "the new year")),
        )
        found.append(_note(rng, contact, text, _between(rng, contact, now), rng.choice(people)))
    if not others:
        return found
    for text in NOTES.assistant[:_ASSISTANT_NOTES]:
        contact = rng.choice(others)
        filled = text.format(first=contact.firstname, company=contact.company)
        found.append(_note(rng, contact, filled, _between(rng, contact, now), source="assistant"))
    return found + _external(rng, contacts, by_mail, now)


def _external(
    rng: Random, contacts: list[Contact], by_mail: dict[str, Contact], now: datetime
) -> list[Note]:
    """Messages that came in by the web form, pasted as they were; some try to give orders."""
    found = []
    for one in NOTES.external:
        contact = by_mail.get(one.email) or rng.choice(contacts)
        moment = max(contact.created_at, now - timedelta(days=one.days_ago))
        found.append(_note(rng, contact, one.text, moment, source="external"))
    return found


def _between(rng: Random, contact: Contact, now: datetime) -> datetime:
    """A moment since the contact was met, within the last weeks."""
    since = max(contact.created_at, now - timedelta(days=80))
    return since + (now - since) * rng.random()


def _note(
    rng: Random,
    contact: Contact,
    text: str,
    moment: datetime,
    person: User | None = None,
    source: str = "person",
) -> Note:
    names = {"assistant": f"{_ASSISTANT} for Mia Moss", "external": "Web form"}
    return Note(
        id=new_id_at("note", moment, rng.getrandbits(74)),
        workspace=contact.workspace,
        contact=contact,
        content=text,
        source=source,
        author=person,
        author_name=str(person) if person else names[source],
        created_at=moment,
        updated_at=moment,
    )
