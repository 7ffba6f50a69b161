"""The pages a person meets on the way to a connection."""

from typing import Any, cast

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.models import Membership
from core.access import SCOPE_RULES, Role, Scope, scopes_for
from oauth.authorization_server.pending import Pending
from oauth.models import Application
from oauth.names import shown_name


def error_page(request: HttpRequest, sentence: str, status: int) -> HttpResponse:
    """An error page without a redirect."""
    return render(request, "oauth/refused.html", {"sentence": sentence}, status=status)


def choose_workspace(
    request: HttpRequest, waiting: Pending, memberships: list[Membership]
) -> HttpResponse:
    """Which workspace the app is for."""
    return _page(request, "oauth/choose_workspace.html", waiting, memberships=memberships)


def new_place(
    request: HttpRequest, waiting: Pending, membership: Membership, has_choice: bool
) -> HttpResponse:
    """A redirect host not yet allowed: an admin may allow it, others are told to ask one (403)."""
    is_admin = membership.role == Role.ADMIN
    return _page(
        request,
        "oauth/new_place.html",
        waiting,
        status=200 if is_admin else 403,
        membership=membership,
        is_admin=is_admin,
        has_choice=has_choice,
    )


def consent(
    request: HttpRequest,
    waiting: Pending,
    membership: Membership,
    application: Application,
    has_choice: bool,
    notice: str = "",
) -> HttpResponse:
    """The scopes in plain words, each with a checkbox."""
    destination = waiting.asked.destination
    offered = waiting.asked.asked & scopes_for(Role(membership.role))
    return _page(
        request,
        "oauth/consent.html",
        waiting,
        status=400 if notice else 200,
        membership=membership,
        name=shown_name(application.name, destination, application.client_id),
        groups=_groups(offered),
        left_out=len(waiting.asked.asked - offered),
        has_choice=has_choice,
        notice=notice,
    )


def _groups(offered: frozenset[Scope]) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for scope, rule in SCOPE_RULES.items():
        if scope in offered:
            line = {"value": scope.value, "sentence": rule.sentence, "ticked": rule.ticked}
            groups.setdefault(rule.group, []).append(line)
    return groups


def _page(
    request: HttpRequest, template: str, waiting: Pending, status: int = 200, **context: Any
) -> HttpResponse:
    destination = waiting.asked.destination
    # A browser holds the redirect after a form to form-action too: name the app's address here.
    shown = csp_update({"form-action": [destination.form_action]})(
        lambda asking: render(
            asking,
            template,
            {"ticket": waiting.ticket, "destination": destination, **context},
            status=status,
        )
    )
    return cast("HttpResponse", shown(request))
