"""Everybody else on the site: strangers who never say who they are, and bots."""

from datetime import datetime, timedelta
from random import Random

from accounts.models import Workspace
from crm.models import Event
from demo.crm import working_hours
from demo.crm.devices import any_bot, any_device
from demo.crm.places import any_country
from demo.crm.randomness import stream
from demo.crm.site import Arrival, Site, any_arrival, return_arrival
from demo.crm.visits import Visitor

_POOL = 12  # visitors of a day who may come back later
_BACK_WITHIN_DAYS = 14


def visits(seed: str, place: Workspace, site: Site, day: datetime, number: int) -> list[Event]:
    """At least `number` events of people nobody knows, on a day that begins at `day`."""
    rng = stream(f"{seed}:strangers:{day:%Y-%m-%d}")
    found: list[Event] = []
    count = 0
    while len(found) < number:
        returns = rng.random() < 0.25
        key_day = day - timedelta(days=rng.randint(1, _BACK_WITHIN_DAYS)) if returns else day
        key = rng.randrange(_POOL) if returns else count
        count += not returns
        visitor, offset = _visitor(f"{seed}:stranger:{key_day:%Y-%m-%d}:{key}", rng, place, site)
        arrival = return_arrival(rng, site) if returns else any_arrival(rng, site)
        visitor.visit(working_hours.hour_on(rng, day, offset), _pages(rng, site, arrival), arrival)
        found += visitor.events
    return found


def bots(seed: str, place: Workspace, site: Site, day: datetime, number: int) -> list[Event]:
    """`number` page views by crawlers, at any hour."""
    rng = stream(f"{seed}:bots:{day:%Y-%m-%d}")
    everything = ["/", "/pricing", *site.product, *site.blog, *site.customers, *site.docs]
    found: list[Event] = []
    while len(found) < number:
        country = rng.choices(("United States", "Ireland", "Singapore"), (80, 12, 8))[0]
        visitor = Visitor(rng, place, site, country, any_bot(rng), is_bot=True)
        length = min(number - len(found), len(everything), rng.randint(2, 12))
        crawled = rng.sample(everything, length)
        visitor.visit(day + timedelta(seconds=rng.uniform(0, 86_000)), crawled, Arrival())
        found += visitor.events
    return found


def _visitor(key: str, rng: Random, place: Workspace, site: Site) -> tuple[Visitor, float]:
    """The same visitor for the same key, whatever they do this time."""
    own = stream(key)
    home = any_country(own)
    visitor = Visitor(
        rng, place, site, home.name, any_device(own), visitor_id=f"vis_{own.getrandbits(80):020x}"
    )
    return visitor, home.offset


def _pages(rng: Random, site: Site, arrival: Arrival) -> list[str]:
    landing = rng.choice(list(site.product)) if arrival.utm_medium == "cpc" else ""
    landing = landing or rng.choice(["/", "/", "/", *site.blog, *site.product])
    length = rng.choices((1, 2, 3, 4, 6), (44, 24, 16, 10, 6))[0]
    others = ["/", "/pricing", "/about", "/security", *site.product, *site.customers, *site.blog]
    return [landing, *rng.sample([path for path in others if path != landing], length - 1)]
