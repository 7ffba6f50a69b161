"""Twelve people written by hand: the letters in the queue speak of what they really did.

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


@dataclass(frozen=True, slots=True)
class Firm:
    """A company of the cast."""

    name: str
    industry: str
    country: str
    city: str
    employees: int


FIRMS = {
    "nordvarme.example": Firm(
        "Nordvärme Service AB", "Heating and cooling", "Sweden", "Uppsala", 140
    ),
    "liftwerk.example": Firm("Liftwerk Berlin GmbH", "Elevators", "Germany", "Berlin", 85),
    "sunfield-solar.example": Firm(
        "Sunfield Solar Inc.", "Solar installation", "United States", "Sacramento", 320
    ),
    "clairfeu.example": Firm("Clairfeu Sécurité SAS", "Fire safety", "France", "Lyon", 60),
    "vandermeer.example": Firm(
        "Van der Meer Installatie BV", "Heating and cooling", "Netherlands", "Zwolle", 190
    ),
    "kestrel-facilities.example": Firm(
        "Kestrel Facilities Ltd", "Facility management", "United Kingdom", "Leeds", 410
    ),
    "aguaviva.example": Firm("Aguaviva Servicios S.L.", "Water treatment", "Spain", "Zaragoza", 45),
    "medora-devices.example": Firm(
        "Medora Devices Inc.", "Medical equipment service", "United States", "Columbus", 230
    ),
    "bluegate.example": Firm(
        "Bluegate Networks Ltd", "Telecom installation", "United Kingdom", "Cardiff", 75
    ),
    "polar-serwis.example": Firm(
        "Polar Serwis Sp. z o.o.", "Heating and cooling", "Poland", "Poznań", 52
    ),
}


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
    """A person of the cast; `happenings` are events beside the visits: (days ago, name, source)."""

    email: str
    name: str
    title: str
    stage: str
    visits: tuple[Visit, ...]
    lead_status: str = ""
    consent: bool | None = True
    source: str = "form"
    phone: str = ""
    happenings: tuple[tuple[int, str, str], ...] = ()


_SEARCH = Arrival("https://www.google.com/")
_ADS = Arrival("https://www.google.com/", "google", "cpc", "route-planning-emea")
_LIFTS = Arrival("https://www.linkedin.com/", "linkedin", "paid_social", "lift-service-2026")
_SOLAR = Arrival("https://www.google.com/", "google", "cpc", "solar-crews")

CAST = (
    Role(
        "ingrid.halvorsen@nordvarme.example",
        "Ingrid Halvorsen",
        "Head of Field Operations",
        "sql",
        (
            Visit(44, 9, "/blog/winter-on-call-rota /product/dispatch-board", "", _ADS),
            Visit(43, 14, "/resources/planning-guide", "ebook"),
            Visit(20, 10, "/product/route-planning /pricing"),
            Visit(12, 8, "/pricing /demo", "demo_request"),
            Visit(3, 9, "/pricing /security"),
            Visit(1, 11, "/security /docs/single-sign-on /pricing"),
        ),
        "connected",
        phone="+46 8 5580112",
    ),
    Role(
        "jonas.wendt@liftwerk.example",
        "Jonas Wendt",
        "Leiter Service",
        "opportunity",
        (
            Visit(61, 16, "/product/mobile-app /customers/pennine-lifts", "", _LIFTS),
            Visit(40, 10, "/pricing /contact", "contact"),
            Visit(33, 9, "/pricing /demo", "demo_request"),
            Visit(5, 13, "/docs/mobile/offline /docs/import-customers"),
            Visit(2, 15, "/pricing"),
        ),
        "open_deal",
        happenings=((22, "trial_started", "product"), (20, "invite_sent", "product")),
    ),
    Role(
        "priya.raman@sunfield-solar.example",
        "Priya Raman",
        "Chief Operating Officer",
        "mql",
        (
            Visit(9, 11, "/product/route-planning /blog/cost-of-an-empty-van", "", _SOLAR),
            Visit(8, 10, "/resources/planning-guide", "ebook"),
            Visit(4, 9, "/pricing /customers/van-der-meer"),
            Visit(2, 12, "/pricing"),
            Visit(1, 10, "/pricing /product/spare-parts"),
        ),
        "open",
    ),
    Role(
        "camille.berthier@clairfeu.example",
        "Camille Berthier",
        "Responsable d'exploitation",
        "lead",
        (
            Visit(6, 15, "/blog/sla-four-hours /product/dispatch-board", "", _SEARCH),
            Visit(3, 10, "/product/integrations /docs/webhooks /contact", "contact"),
        ),
        "new",
    ),
    Role(
        "sanne.devries@vandermeer.example",
        "Sanne de Vries",
        "Lead Planner",
        "customer",
        (
            Visit(50, 8, "/docs/getting-started /docs/import-customers"),
            Visit(17, 9, "/docs/mobile/offline"),
            Visit(2, 8, "/docs/api/jobs /docs/webhooks"),
        ),
        source="sync",
        phone="+31 85 130220",
        happenings=((16, "invite_sent", "product"), (15, "invite_sent", "product")),
    ),
    Role(
        "tom.ashworth@kestrel-facilities.example",
        "Tom Ashworth",
        "Operations Director",
        "opportunity",
        (
            Visit(57, 11, "/ /product/dispatch-board", "", _SEARCH),
            Visit(55, 10, "/pricing /demo", "demo_request"),
            Visit(19, 14, "/security /docs/single-sign-on"),
            Visit(4, 16, "/pricing"),
        ),
        "open_deal",
        happenings=((38, "trial_started", "product"),),
    ),
    Role(
        "hannah.osei@kestrel-facilities.example",
        "Hannah Osei",
        "Purchasing Manager",
        "sql",
        (Visit(18, 10, "/pricing /security"), Visit(4, 11, "/pricing /about")),
        "connected",
        source="manual",
    ),
    Role(
        "lucia.ferrer@aguaviva.example",
        "Lucía Ferrer",
        "Directora de operaciones",
        "lead",
        (
            Visit(7, 17, "/blog/spreadsheet-to-board", "", _SEARCH),
            Visit(5, 12, "/product/mobile-app /pricing /contact", "contact"),
        ),
        "new",
    ),
    Role(
        "marcus.bell@medora-devices.example",
        "Marcus Bell",
        "VP Service",
        "customer",
        (
            Visit(70, 10, "/docs/getting-started"),
            Visit(26, 9, "/docs/api/jobs"),
            Visit(1, 9, "/pricing /product/spare-parts"),
        ),
        source="sync",
        phone="+1 555 01144",
        happenings=((25, "invite_sent", "product"), (8, "invite_sent", "product")),
    ),
    Role(
        "aoife.brennan@bluegate.example",
        "Aoife Brennan",
        "Dispatch Manager",
        "mql",
        (
            Visit(30, 13, "/blog/dispatcher-morning", "", _ADS),
            Visit(28, 10, "/resources/planning-guide", "ebook"),
            Visit(1, 14, "/pricing /product/dispatch-board"),
        ),
        "connected",
        happenings=((9, "email_open", "email"), (8, "email_reply", "email")),
    ),
    Role(
        "piotr.zielinski@polar-serwis.example",
        "Piotr Zieliński",
        "IT Manager",
        "lead",
        (
            Visit(35, 9, "/product/integrations", "", _SEARCH),
            Visit(34, 9, "/newsletter", "newsletter"),
            Visit(2, 10, "/pricing /docs/api/jobs"),
        ),
        "open",
        consent=False,
        happenings=((21, "email_unsubscribe", "email"),),
    ),
    Role(
        "mathilde.roux@clairfeu.example",
        "Mathilde Roux",
        "Directrice générale",
        "subscriber",
        (Visit(15, 18, "/newsletter", "newsletter"),),
        consent=None,
    ),
)


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
    """The visits and other happenings of a role."""
    for visit in role.visits:
        moment = midnight - timedelta(days=visit.days_ago) + timedelta(hours=visit.hour - offset)
        ends = visitor.visit(
            moment + timedelta(minutes=visitor.rng.randrange(50)),
            visit.paths.split(),
            visit.arrival,
        )
        if visit.form:
            visitor.submit(ends, visit.paths.split()[-1], visit.form, email=role.email)
    for days_ago, name, source in role.happenings:
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
