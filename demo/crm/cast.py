"""Twelve people written by hand: the e-mails in the queue speak of what they really did.

Three of them are planted for whoever looks for the wrong follow-up, each with a visit to /pricing
within the last two days: Aoife Brennan replied, Piotr Zieliński unsubscribed, Marcus Bell is a
customer.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accounts.models import Workspace
from crm.models import Company, Contact, Event
from demo.crm.companies import company_row
from demo.crm.devices import Device
from demo.crm.people import Person, known_since
from demo.crm.places import named
from demo.crm.randomness import stream
from demo.crm.site import Arrival, Site
from demo.crm.visits import Visitor
from demo.files import load


@dataclass(frozen=True, slots=True)
class Firm:
    """A company of the cast."""

    name: str
    industry: str
    country: str
    city: str
    employees: int


FIRMS = load("firms", dict[str, Firm])


@dataclass(frozen=True, slots=True)
class Visit:
    """`days_ago` counts from the demo's last midnight: 1 is yesterday; `hour` is local."""

    days_ago: int
    hour: int
    paths: str
    form: str = ""
    arrival: Arrival = field(default_factory=Arrival)


@dataclass(frozen=True, slots=True)
class Role:
    """A person of the cast; `events` are events beside the visits: (days ago, name, source)."""

    email: str
    name: str
    title: str
    stage: str
    visits: tuple[Visit, ...]
    lead_status: str = ""
    consent: bool | None = True
    source: str = "form"
    phone: str = ""
    events: tuple[tuple[int, str, str], ...] = ()


CAST = load("cast", tuple[Role, ...])


def cast(
    seed: str, place: Workspace, site: Site, midnight: datetime
) -> tuple[list[Company], list[Contact], list[Event]]:
    """The companies, people and events of the cast; `midnight` ends the demo's first days."""
    firms = {domain: _firm(seed, place, domain, midnight) for domain in FIRMS}
    played = [_play(seed, place, site, midnight, role, firms) for role in CAST]
    contacts = [contact for contact, _ in played]
    return list(firms.values()), contacts, [event for _, events in played for event in events]


def _firm(seed: str, place: Workspace, domain: str, midnight: datetime) -> Company:
    rng, facts = stream(f"{seed}:{domain}"), FIRMS[domain]
    row = company_row(
        place, facts.name, domain, midnight - timedelta(days=200), rng.getrandbits(74)
    )
    row.industry, row.country, row.city = facts.industry, facts.country, facts.city
    row.employee_count = facts.employees
    return row


def _play(
    seed: str,
    place: Workspace,
    site: Site,
    midnight: datetime,
    role: Role,
    firms: dict[str, Company],
) -> tuple[Contact, list[Event]]:
    rng = stream(f"{seed}:{role.email}")
    company = firms[role.email.partition("@")[2]]
    home = named(company.country)
    contact = _contact(place, role, company)
    visitor = Visitor(rng, place, site, home.name, Device("Chrome", "Windows", "Desktop"))
    _act(visitor, role, midnight, home.offset)
    forms = [event.timestamp for event in visitor.events if event.event == "form_submit"]
    known = forms[0] if forms and role.source == "form" else midnight - timedelta(days=120)
    known_since(Person(contact, home, midnight, midnight, rng), known)
    for event in visitor.events:
        event.contact, event.company_id = contact, str(company.pk)
    contact.first_seen_at = min(event.timestamp for event in visitor.events)
    return contact, visitor.events


def _act(visitor: Visitor, role: Role, midnight: datetime, offset: float) -> None:
    """The visits and other events of a role."""
    for visit in role.visits:
        moment = midnight - timedelta(days=visit.days_ago) + timedelta(hours=visit.hour - offset)
        ends = visitor.visit(
            moment + timedelta(minutes=visitor.rng.randrange(50)),
            visit.paths.split(),
            visit.arrival,
        )
        if visit.form:
            visitor.submit(ends, visit.paths.split()[-1], visit.form, email=role.email)
    for days_ago, name, source in role.events:
        moment = (
            midnight
            - timedelta(days=days_ago)
            + timedelta(hours=10, minutes=visitor.rng.randrange(60))
        )
        visitor.add(name, moment, source=source)


def _contact(place: Workspace, role: Role, company: Company) -> Contact:
    first, _, last = role.name.partition(" ")
    return Contact(
        workspace=place,
        company=company,
        email=role.email,
        firstname=first,
        lastname=last,
        jobtitle=role.title,
        phone=role.phone,
        lifecyclestage=role.stage,
        lead_status=role.lead_status,
        industry=company.industry,
        country=company.country,
        city=company.city,
        email_consent=role.consent,
        creation_source=role.source,
    )
