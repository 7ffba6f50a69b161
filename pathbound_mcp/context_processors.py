"""Template variables of every page: the demo banner, the logged-in person, the workspace."""

from typing import Any

from django.conf import settings
from django.utils.functional import SimpleLazyObject

from accounts.http import Request
from accounts.models import Membership, Workspace
from approvals.stopping import stops
from core.actor import Actor
from pathbound_mcp import navigation
from pathbound_mcp.navigation import Link, Place


def page(request: Request) -> dict[str, Any]:
    """Template variables of every page, read lazily.

    `demo` whether this is the demo, `release` the version, `actor` the core.actor.Actor of the
    session or None, `workspace` and `workspaces` the chosen one and all of the person's (None and
    [] for nobody), `stopped` who stopped the workspace and when, or None. `work_links` and
    `settings_links` are the pathbound_mcp.navigation.Link rows the role opens.
    """
    return {
        "demo": settings.DEMO,
        "release": settings.VERSION,
        "actor": SimpleLazyObject(lambda: _actor(request)),
        "workspace": SimpleLazyObject(lambda: _workspace(request)),
        "workspaces": SimpleLazyObject(lambda: _workspaces(request)),
        "stopped": SimpleLazyObject(lambda: _stopped(request)),
        "work_links": SimpleLazyObject(lambda: _links(request, navigation.WORK)),
        "settings_links": SimpleLazyObject(lambda: _links(request, navigation.SETTINGS)),
    }


def _memberships(request: Request) -> list[Membership]:
    """Empty on a refusal from outside the middleware that identifies the person."""
    return getattr(request, "memberships", [])


def _actor(request: Request) -> Actor | None:
    return request.actor if _memberships(request) else None


def _workspace(request: Request) -> Workspace | None:
    actor = _actor(request)
    if actor is None:
        return None
    return next((place for place in _workspaces(request) if place.pk == actor.workspace_id), None)


def _workspaces(request: Request) -> list[Workspace]:
    return [member.workspace for member in _memberships(request)]


def _stopped(request: Request) -> str:
    actor = _actor(request)
    return stops.said_to(actor) if actor else ""


def _links(request: Request, places: tuple[Place, ...]) -> list[Link]:
    actor = _actor(request)
    return navigation.links(request, actor, places) if actor else []
