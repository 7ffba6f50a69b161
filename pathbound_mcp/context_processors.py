"""What every page knows: the demo banner, who is logged in, and where."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts import actors
from accounts.models import Workspace
from approvals.stopping import stops
from core.actor import Actor
from core.errors import Forbidden
from pathbound_mcp import navigation
from pathbound_mcp.navigation import Link, Place


def page(request: HttpRequest) -> dict[str, Any]:
    """Template variables of every page; nothing is read before a template asks for it.

    `demo` whether this is the demo, `actor` the core.actor.Actor of the session or None,
    `workspace` and `workspaces` the chosen one and all of the person's (None and [] for nobody),
    `stopped` who stopped the workspace and when, or nothing. `work_links` and `settings_links` are
    the pathbound_mcp.navigation.Link rows the role opens.
    """
    return {
        "demo": settings.DEMO,
        "actor": SimpleLazyObject(lambda: _actor(request)),
        "workspace": SimpleLazyObject(lambda: _workspace(request)),
        "workspaces": SimpleLazyObject(lambda: _workspaces(request)),
        "stopped": SimpleLazyObject(lambda: _stopped(request)),
        "work_links": SimpleLazyObject(lambda: _links(request, navigation.WORK)),
        "settings_links": SimpleLazyObject(lambda: _links(request, navigation.SETTINGS)),
    }


def _actor(request: HttpRequest) -> Actor | None:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    try:
        return actors.for_session(request)
    except Forbidden:
        return None


def _workspace(request: HttpRequest) -> Workspace | None:
    actor = _actor(request)
    if actor is None:
        return None
    return next((place for place in _workspaces(request) if place.pk == actor.workspace_id), None)


def _workspaces(request: HttpRequest) -> list[Workspace]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    return [member.workspace for member in actors.active_memberships(str(user.pk))]


def _stopped(request: HttpRequest) -> str:
    actor = _actor(request)
    return stops.said_to(actor) if actor else ""


def _links(request: HttpRequest, places: tuple[Place, ...]) -> list[Link]:
    actor = _actor(request)
    return navigation.links(request, actor, places) if actor else []
