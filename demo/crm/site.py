"""The sites of the demo's two companies: pages, campaigns, and how visitors arrive."""

from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from demo.files import load


@dataclass(frozen=True, slots=True)
class Site:
    """A B2B software company's site; pages are path -> title, grouped by what they are for."""

    domain: str
    app: str
    product: dict[str, str]
    blog: dict[str, str]
    customers: dict[str, str]
    docs: dict[str, str]
    campaigns: tuple[str, ...]

    def title(self, path: str) -> str:
        """The title of a page of this site."""
        pages = self.product | self.blog | self.customers | self.docs | _EVERYWHERE
        return pages.get(path, "")


class Arrival(NamedTuple):
    """Where a visit came from, as the first page view records it."""

    referrer: str = ""
    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""


_EVERYWHERE = {
    "/": "Home",
    "/pricing": "Pricing",
    "/security": "Security and data protection",
    "/demo": "Book a demo",
    "/contact": "Contact",
    "/newsletter": "The monthly newsletter",
    "/resources/planning-guide": "Guide: planning a service day",
    "/about": "About us",
    "/trial": "Start a trial",
}

_SITES = load("sites", dict[str, Site])
ACME, GLOBEX = _SITES["acme"], _SITES["globex"]

_SEARCH = ("https://www.google.com/", "https://www.bing.com/", "https://duckduckgo.com/")
_REFERRALS = (
    "https://www.linkedin.com/",
    "https://fieldservice-weekly.example/tools/",
    "https://compare-software.example/dispatch/",
    "https://news.ycombinator.com/",
)


def any_arrival(rng: Random, site: Site) -> Arrival:
    """How a first visit comes about."""
    kind = rng.choices(
        ("search", "ads", "social", "referral", "assistant", "direct"), (34, 19, 9, 12, 5, 21)
    )[0]
    campaign = rng.choice(site.campaigns)
    match kind:
        case "search":
            return Arrival(rng.choices(_SEARCH, (84, 11, 5))[0])
        case "ads":
            return Arrival("https://www.google.com/", "google", "cpc", campaign)
        case "social":
            return Arrival("https://www.linkedin.com/", "linkedin", "paid_social", campaign)
        case "referral":
            return Arrival(rng.choice(_REFERRALS))
        case "assistant":
            return Arrival("https://chatgpt.com/", "chatgpt.com", "referral")
        case _:
            return Arrival()


def return_arrival(rng: Random, site: Site) -> Arrival:
    """How somebody who knows the site comes back."""
    if rng.random() < 0.6:
        return Arrival()
    return Arrival(_SEARCH[0]) if rng.random() < 0.7 else any_arrival(rng, site)


def newsletter(issue: str) -> Arrival:
    """A click in the monthly newsletter."""
    return Arrival("", "newsletter", "email", issue)
