"""Made-up people at those companies, and what kind of customer each of them is."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from accounts.models import User, Workspace
from core import clock
from core.ids import new_id_at
from crm.models import Company, Contact
from crm.records import index
from demo.crm.companies import ascii_name
from demo.crm.jobs import any_job
from demo.crm.places import Country, named
from demo.crm.randomness import stream

# How far people get, and how many of them; of the rest nothing but a newsletter is known.
STAGES = {
    "subscriber": 21,
    "lead": 31,
    "mql": 17,
    "prospect": 5,
    "sql": 8,
    "opportunity": 6,
    "customer": 9,
    "evangelist": 1,
    "other": 2,
}
_LEAD_STATUS = {
    "lead": ("new", "open", "unqualified"),
    "mql": ("open", "in_progress"),
    "prospect": ("open", "attempted_to_contact"),
    "sql": ("in_progress", "connected"),
    "opportunity": ("open_deal",),
}
_OWNED = {"sql", "opportunity", "customer", "evangelist"}
# The last visit of a person may last: it must be over before the demo's first days are.
_MARGIN = timedelta(hours=8)
_FREE_MAIL = ("postbox.example", "mailhaus.example")


@dataclass(slots=True)
class Person:
    """A contact to be, the country they are in, and the time in which they are active."""

    contact: Contact
    home: Country
    begins: datetime
    ends: datetime
    rng: Random

    @property
    def came_by_form(self) -> bool:
        """Whether they told us who they are on the site, and were a stranger before."""
        return self.contact.creation_source == "form"


@dataclass(slots=True)
class Town:
    """Where people are made: companies, owners, and the addresses that are taken."""

    seed: str
    place: Workspace
    companies: list[Company]
    owners: list[User]
    begins: datetime
    days: int
    taken: set[str]
    weights: list[float] = field(init=False)

    def __post_init__(self) -> None:
        # Large companies are met more often, but not in proportion.
        self.weights = [min(60.0, 4 + (c.employee_count or 0) ** 0.5) for c in self.companies]

    def person(self, number: int) -> Person:
        """The person of this number, active some time in the demo's days."""
        rng = stream(f"{self.seed}:person:{number}")
        stage = rng.choices(list(STAGES), list(STAGES.values()))[0]
        last = self.begins + timedelta(days=self.days) - _MARGIN
        first = self.begins + timedelta(days=self.days * rng.random() ** 0.85 * 0.94)
        if stage in {"customer", "evangelist"}:
            first = self.begins + timedelta(days=rng.random() * 8)
        went_silent = stage in {"subscriber", "lead", "other"} and rng.random() < 0.45
        ends = min(last, first + timedelta(days=rng.uniform(1, 16))) if went_silent else last
        return self._make(rng, stage, first, ends)

    def newcomer(self, day: int, number: int) -> Person:
        """Somebody who turns up on a day after the demo's first ones."""
        rng = stream(f"{self.seed}:newcomer:{day}:{number}")
        first = self.begins + timedelta(days=self.days + day)
        stage = rng.choice(("subscriber", "lead", "lead"))
        found = self._make(rng, stage, first, first + timedelta(days=1))
        found.contact.creation_source = "form"
        return found

    def _make(self, rng: Random, stage: str, begins: datetime, ends: datetime) -> Person:
        company = rng.choices(self.companies, self.weights)[0]
        home = named(company.country)
        first, last = rng.choice(home.first), rng.choice(home.last)
        contact = Contact(
            workspace=self.place,
            company=company,
            firstname=first,
            lastname=last,
            email=self._address(rng, first, last, company),
            lifecyclestage=stage,
            lead_status=rng.choice(_LEAD_STATUS.get(stage, ("",))),
            industry=company.industry,
            country=company.country,
            city=company.city,
            creation_source=_source(rng, stage),
        )
        _describe(rng, contact, home)
        if stage in _OWNED and self.owners:
            contact.owner = rng.choice(self.owners)
        return Person(contact, home, begins, ends, rng)

    def _address(self, rng: Random, first: str, last: str, company: Company) -> str:
        domain = rng.choice(_FREE_MAIL) if rng.random() < 0.03 else company.domain
        given, family = ascii_name(first), ascii_name(last).replace("-", "")
        full = f"{given}.{family}"
        wanted = rng.choices((full, f"{given[0]}.{family}", given), (80, 14, 6))[0]
        address = next(a for a in _variants(wanted, full, domain) if a not in self.taken)
        self.taken.add(address)
        return address


def known_since(person: Person, moment: datetime) -> None:
    """Give the contact its id and dates: it is in the CRM since `moment`."""
    contact = person.contact
    contact.id = new_id_at("ct", moment, person.rng.getrandbits(74))
    contact.created_at = moment
    contact.updated_at = moment
    if contact.creation_source in {"import", "sync"}:
        contact.is_enriched = True
        contact.provenance = {
            key: {"source": contact.creation_source, "at": clock.iso(moment)}
            for key in ("jobtitle", "industry", "country", "city")
        }
    index(contact)


def _variants(wanted: str, full: str, domain: str) -> Iterator[str]:
    yield f"{wanted}@{domain}"
    yield f"{full}@{domain}"
    for number in range(2, 1000):
        yield f"{full}{number}@{domain}"


def _source(rng: Random, stage: str) -> str:
    if stage in {"customer", "evangelist"}:
        return rng.choices(("import", "sync", "form"), (40, 45, 15))[0]
    return rng.choices(("form", "import", "sync", "manual"), (66, 18, 11, 5))[0]


def _describe(rng: Random, contact: Contact, home: Country) -> None:
    """Job, phone, profile and consent: some of them, as in any CRM."""
    job = any_job(rng)
    if rng.random() < 0.9:
        contact.jobtitle = job.title
        contact.properties = {"department": job.department, "seniority": job.seniority}
    if rng.random() < 0.4:
        contact.phone = f"{home.phone}{rng.randrange(1000):03d}"
    if rng.random() < 0.45:
        name = ascii_name(f"{contact.firstname} {contact.lastname}")
        contact.linkedin_url = f"https://www.linkedin.com/in/{name}-{rng.getrandbits(20):05x}"
    contact.email_consent = rng.choices((True, None, False), (62, 33, 5))[0]
