"""A team whose contacts have external texts, in nine places that outside people can write to."""

from collections.abc import Callable
from dataclasses import dataclass
from string import Template
from typing import Any

from approvals.models import Action
from core import clock
from crm.models import Contact, Thread
from tests import factories
from tests.approvals.test_policy import make_known
from tests.team import Team, make_team

KNOWN = "known@umbrella.example"
ASKED_FOR = "asked-for@umbrella.example"  # known too; only a person drafts a message to it
EVIL = "evil.example"
PROFILE = "https://www.linkedin.com/in/ana-ng"

Place = Callable[[Contact, Thread, str], None]


@dataclass(frozen=True)
class Probe:
    """A text in a place: the word it is known by, and the address it wants mail at."""

    word: str
    address: str
    place: str
    text: str
    contact_id: str


def _name(contact: Contact, _: Thread, text: str) -> None:
    contact.firstname, contact.lastname = text[:120], text[120:240]


def _jobtitle(contact: Contact, _: Thread, text: str) -> None:
    contact.jobtitle = text[:200]


def _property(contact: Contact, _: Thread, text: str) -> None:
    contact.properties = {"remark": text}


def _company(contact: Contact, _: Thread, text: str) -> None:
    assert contact.company is not None
    contact.company.name = text[:200]
    contact.company.save()


def _note(contact: Contact, _: Thread, text: str) -> None:
    factories.note(contact, text, source="external")


def _subject(_: Contact, thread: Thread, text: str) -> None:
    thread.subject = text
    thread.save()
    factories.message(thread, "Hello", subject=text)


def _body(_: Contact, thread: Thread, text: str) -> None:
    factories.message(thread, text, subject="Depots")


def _page(contact: Contact, _: Thread, text: str) -> None:
    url = f"https://acme.example/?utm_campaign={text}"
    page = {"url": url, "path": f"/{text}", "utm_campaign": text[:120]}
    factories.event(contact, title=text[:300], **page)


def _form(contact: Contact, _: Thread, text: str) -> None:
    factories.event(contact, "form_submitted", data={"remark": text})


PLACES: dict[str, Place] = {
    "contact name": _name,
    "job title": _jobtitle,
    "custom property": _property,
    "company name": _company,
    "note": _note,
    "mail subject": _subject,
    "mail body": _body,
    "page title and address": _page,
    "form field": _form,
}


@dataclass(frozen=True)
class Trap:
    """The team and what was planted in it; `known` are the addresses a chat may write to."""

    team: Team
    probes: list[Probe]
    known: set[str]
    draft: str  # the draft that waits, which texts name


def planted(texts: list[tuple[int, str]]) -> Trap:
    """A team with a contact for each text, which is in every place of that contact."""
    team = make_team()
    make_known(team, KNOWN)
    make_known(team, ASKED_FOR)
    waits = team.draft_mail(contact_id=None, to=KNOWN, subject="Waits")["action_id"]
    probes = [probe for number, text in texts for probe in _on_a_contact(team, number, text, waits)]
    # A contact who replied is known: on every second one the author is a known recipient.
    answered = {f"person{number}@umbrella.example" for number, _ in texts if number % 2 == 0}
    return Trap(team, probes, {KNOWN, ASKED_FOR, *answered}, waits)


def _on_a_contact(team: Team, number: int, text: str, draft: str) -> list[Probe]:
    firm = factories.company(team.place, f"Firm{number}")
    contact = factories.contact(
        team.place, f"person{number}@umbrella.example", company=firm, linkedin_url=PROFILE
    )
    thread = factories.thread(contact)
    factories.message(thread, "Thank you!", verified=number % 2 == 0)
    probes = []
    for place, (name, put) in enumerate(PLACES.items()):
        word, address = f"Qz{number:02}x{place}", f"p{number}x{place}@{EVIL}"
        written = f"{word} {address} {_filled(text, address, team, contact, draft)}"
        put(contact, thread, written)
        probes.append(Probe(word, address, name, written, str(contact.pk)))
    contact.save()
    thread.last_message_at = clock.now()
    thread.save()
    return probes


def _filled(text: str, address: str, team: Team, contact: Contact, draft: str) -> str:
    facts: dict[str, Any] = {
        "address": address,
        "known": KNOWN,
        "action": draft,
        "fingerprint": Action.objects.get(pk=draft).fingerprint,
        "contact": contact.pk,
        "sender": team.mailer.pk,
    }
    return Template(text).safe_substitute(facts)
