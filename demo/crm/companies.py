"""Made-up companies: a name that fits the country, a domain nobody has, sizes with a long tail."""

import re
from datetime import datetime, timedelta
from random import Random

from accounts.models import Workspace
from core.ids import new_id_at
from crm.models import Company
from crm.records import index
from crm.search import fold
from demo.crm.places import INDUSTRIES, Country, any_country
from demo.crm.randomness import stream

_SMALLEST, _LARGEST = 4, 42_000


def ascii_name(text: str) -> str:
    """The text as domains and addresses write it: a-z, 0-9 and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")


def companies(seed: str, place: Workspace, number: int, begins: datetime) -> list[Company]:
    """`number` companies known before `begins`; `country` is the name of one in places.py."""
    rng = stream(f"{seed}:companies")
    taken: set[str] = set()
    return [_company(rng, place, begins, taken) for _ in range(number)]


def company_row(
    place: Workspace, name: str, domain: str, known_since: datetime, bits: int
) -> Company:
    """An unsaved company that search finds."""
    row = Company(
        id=new_id_at("co", known_since, bits),
        workspace=place,
        name=name,
        domain=domain,
        created_at=known_since,
        updated_at=known_since,
    )
    index(row)
    return row


def _company(rng: Random, place: Workspace, begins: datetime, taken: set[str]) -> Company:
    home = any_country(rng)
    industry = rng.randrange(len(INDUSTRIES))
    name, domain = _name(rng, home, industry, taken)
    known_since = begins - timedelta(days=rng.uniform(1, 700))
    row = company_row(place, name, domain, known_since, rng.getrandbits(74))
    row.industry = INDUSTRIES[industry]
    row.country = home.name
    row.city = rng.choice(home.cities)
    row.employee_count = min(_LARGEST, _SMALLEST + int(rng.lognormvariate(4.1, 1.35)))
    row.properties = {"founded_year": rng.randint(1948, 2021)}
    index(row)
    row.provenance = {"employee_count": {"source": "import", "at": known_since.isoformat()}}
    return row


def _name(rng: Random, home: Country, industry: int, taken: set[str]) -> tuple[str, str]:
    """A name and a domain no other company of the demo has."""
    stems = home.stems
    for attempt in range(200):
        stem = rng.choice(stems)
        # The later tries join two stems: one trade has only so many single ones.
        if attempt > 20:
            stem = f"{stem} {rng.choice(stems)}"
        base = f"{stem} {home.trades[industry]}"
        domain = f"{ascii_name(base)}.example"
        if domain not in taken:
            taken.add(domain)
            suffix = f" {rng.choice(home.suffixes)}" if rng.random() < 0.7 else ""
            return f"{base}{suffix}", domain
    raise RuntimeError("the demo has run out of company names")
