"""Where the demo's people live: names that fit together, cities, words for companies."""

from dataclasses import dataclass
from random import Random

from demo.files import load


@dataclass(frozen=True, slots=True)
class Country:
    """A country; `offset` is its hours ahead of UTC, `trades` one company word an industry."""

    name: str
    offset: float
    weight: int
    phone: str
    cities: tuple[str, ...]
    first: tuple[str, ...]
    last: tuple[str, ...]
    stems: tuple[str, ...]
    trades: tuple[str, ...]
    suffixes: tuple[str, ...]


INDUSTRIES = (
    "Heating and cooling",
    "Elevators",
    "Facility management",
    "Solar installation",
    "Fire safety",
    "Water treatment",
    "Telecom installation",
    "Medical equipment service",
)


COUNTRIES = load("countries", tuple[Country, ...])


def any_country(rng: Random) -> Country:
    """A country, the larger markets more often."""
    return rng.choices(COUNTRIES, weights=[place.weight for place in COUNTRIES])[0]


def named(name: str) -> Country:
    """The country of this name."""
    return next(place for place in COUNTRIES if place.name == name)
