"""Where the pages are, for the navigation and for /settings/: one table."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from accounts.templatetags.access_pages import unseen_grants
from core.access import Role
from core.actor import Actor


@dataclass(frozen=True, slots=True)
class Place:
    """A page. `about` describes it on /settings/; `count` is its number of new items."""

    label: str
    route: str
    icon: str
    about: str = ""
    role: Role = Role.VIEWER
    count: Callable[[Actor], int] | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A place as this request shows it."""

    label: str
    url: str
    icon: str
    about: str
    is_current: bool
    count: int


WORK = (
    Place("Agents", "agents", "bot"),
    Place("Segments", "segments", "filter"),
    Place("Tasks", "tasks", "list-checks"),
    Place("Jobs", "jobs", "clock"),
)
SETTINGS = (
    Place("You", "me", "user-pen", "Your name, time zone and notifications"),
    Place("Members", "members", "users", "People in this workspace, their roles, and invitations"),
    Place(
        "Connections", "oauth:connections", "plug", "Apps you connected, and how to disconnect them"
    ),
    Place("Senders", "senders", "mail", "People messages are sent as, and their channels"),
    Place(
        "Policy",
        "policy",
        "shield-check",
        "What runs, what needs approval, and suppressed addresses",
    ),
    Place("API keys", "api_keys", "link", "Keys for the REST API", role=Role.ADMIN),
    Place(
        "External access",
        "external_access",
        "external-access",
        "All access grants that admins enabled",
        role=Role.ADMIN,
        count=unseen_grants,
    ),
    Place("Audit log", "audit", "history", "Tamper-evident record of all changes", role=Role.ADMIN),
)


def links(request: HttpRequest, actor: Actor, places: tuple[Place, ...]) -> list[Link]:
    """The pages the actor's role may open, as links; the request's own is current."""
    return [
        _link(request, actor, place, reverse(place.route))
        for place in places
        if actor.has_role(place.role)
    ]


def _link(request: HttpRequest, actor: Actor, place: Place, url: str) -> Link:
    return Link(
        label=place.label,
        url=url,
        icon=f"icons/{place.icon}.svg",
        about=place.about,
        is_current=request.path.startswith(url),
        count=place.count(actor) if place.count else 0,
    )
