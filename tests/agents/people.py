"""Contacts with a history, as a run would gather them: one handmade, many random."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from agents.planning.facts import Activity, Facts, Firm, PastEmail, Person, Remark, Sender
from core.ids import new_id_at
from demo.crm.jobs import JOBS
from demo.crm.site import ACME

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
SENDER = Sender("Ada Berg", "id_1", ("email", "linkedin"))
ANA = Person(
    id="ct_ana",
    firstname="Ana",
    lastname="Ng",
    email="ana@umbrella.example",
    jobtitle="Operations Manager",
    lifecyclestage="lead",
    linkedin_url="https://www.linkedin.com/in/ana-ng",
)
FIRM = Firm("co_1", "Umbrella Ltd", "umbrella.example", "Elevators", 120, "France")


def event(name: str, days_ago: float, number: int = 0, **facts: Any) -> Activity:
    """An event this number of days before NOW."""
    at = NOW - timedelta(days=days_ago)
    return Activity(id=new_id_at("evt", at, number), event=name, at=at, **facts)


def view(path: str, days_ago: float, number: int = 0, **facts: Any) -> Activity:
    """A page view; the title is the demo site's."""
    facts.setdefault("title", ACME.title(path))
    return event("page_view", days_ago, number, path=path, **facts)


def form(form_id: str, days_ago: float, path: str = "/demo") -> Activity:
    """A form that was sent."""
    return event("form_submit", days_ago, 7, path=path, data={"form_id": form_id})


def note(text: str, days_ago: float = 2) -> Remark:
    """A note that may be external text."""
    at = NOW - timedelta(days=days_ago)
    return Remark(new_id_at("note", at, 1), at, text, "external")


def past_email(direction: Any, days_ago: float, text: str = "Hello") -> PastEmail:
    """A message."""
    at = NOW - timedelta(days=days_ago)
    source: Any = "external" if direction == "in" else "person"
    return PastEmail(
        new_id_at("msg", at, 1), at, direction, "email", "Hello", text, source, "thr_1"
    )


def gathered(events: Iterable[Activity] = (), **changes: Any) -> Facts:
    """Ana's facts with these events; `contact` may name fields of hers."""
    contact = replace(ANA, **changes.pop("contact", {}))
    facts = Facts(contact=contact, company=FIRM, events=tuple(events), sender=SENDER)
    return replace(facts, **changes)


def crowd(count: int, seed: int = 5) -> list[Facts]:
    """People of a demo-like crowd: half of them looked at prices in the last weeks."""
    rng = Random(seed)  # noqa: S311 - a crowd, no secret
    return [_somebody(rng, number) for number in range(count)]


def _somebody(rng: Random, number: int) -> Facts:
    paths = [*ACME.product, *ACME.blog, *ACME.docs, "/security", *ACME.customers]
    events = [view(rng.choice(paths), rng.uniform(0, 40), n) for n in range(rng.randint(1, 8))]
    device = rng.choice(["Desktop", "Desktop", "Mobile"])
    if number % 2 == 0:
        events += [
            view("/pricing", rng.uniform(0, 6), 50 + n, device_type=device)
            for n in range(rng.randint(1, 3))
        ]
    if rng.random() < 0.4:
        kind = rng.choice(["demo_request", "contact", "ebook", "newsletter"])
        events.append(form(kind, rng.uniform(1, 60), "/pages"))
    contact = Person(
        id=f"ct_{number}",
        firstname=rng.choice(["Ana", "Jonas", "Priya", "Lucía", "Tom", "Zoë"]),
        lastname=rng.choice(["Ng", "Wendt", "Raman"]),
        jobtitle=rng.choice(JOBS).title if rng.random() < 0.9 else "",
        lifecyclestage=rng.choice(["lead", "mql", "sql", "opportunity", "subscriber"]),
    )
    name = f"{rng.choice(['North', 'Lift', 'Sun'])} {number} Ltd".replace(str(number), "Works")
    firm = Firm(f"co_{number}", name, employee_count=rng.choice([None, 12, 90, 600]))
    colleagues = rng.choice([0, 0, 1, 3])
    return Facts(contact, firm, tuple(events), sender=SENDER, colleagues_active=colleagues)
