"""The authorization endpoint: asks a person, and sends the answer back to the app.

GET validates and asks: it never grants, regardless of `prompt` and `approval_prompt`. POST has the
person's answers, one step per page: the workspace, permission for a new redirect host, the scopes
granted.
"""

from typing import cast

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from oauth2_provider.http import OAuth2ResponseRedirect

from accounts import actors
from accounts.models import Membership, User
from core.access import parse_scopes
from core.actor import Actor, ActorKind, Surface
from core.db import unit
from core.errors import AppError
from oauth.authorization_server import codes, pages, pending, request_parameters
from oauth.authorization_server.limits import rate_limited, seconds_to_wait
from oauth.authorization_server.pending import Pending
from oauth.models import Application
from oauth.redirects import CUSTOM_SCHEMES
from oauth.services import client_documents, connections, redirect_hosts
from oauth.services.authorization_requests import (
    AuthorizationRequest,
    Rejected,
    Unanswerable,
    validated_request,
)

_GROUP = "oauth.authorize"
_RATE = "30/m"


@never_cache
@login_not_required  # a stale client must meet an error page, not a login form
@require_http_methods(["GET", "HEAD", "POST"])
@rate_limited(_GROUP, _RATE)
def authorize(request: HttpRequest) -> HttpResponse:
    """The consent page, or the redirect with the answer; 400 if a redirect is not allowed."""
    response = _response(request)
    # An app that opened this page as a popup waits for its return: keep the opener.
    response["Cross-Origin-Opener-Policy"] = "unsafe-none"
    return response


def _response(request: HttpRequest) -> HttpResponse:
    if getattr(request, "limited", False):
        page = pages.error_page(request, "Too many requests; wait a minute.", 429)
        page["Retry-After"] = str(seconds_to_wait(request, _GROUP, _RATE))
        return page
    try:
        return _answer(request) if request.method == "POST" else _ask(request)
    except request_parameters.BadInput as fault:
        return pages.error_page(request, fault.description, fault.status)
    except Unanswerable as fault:
        return pages.error_page(request, str(fault), 400)
    except Rejected as fault:
        return _redirect(fault.location)
    except AppError as fault:
        return pages.error_page(request, f"{fault.message} {fault.hint}", fault.http_status)


def _ask(request: HttpRequest) -> HttpResponse:
    parameters = request_parameters.from_query(request)
    client_id = parameters.get("client_id") or ""
    is_known_person = request.user.is_authenticated
    if is_known_person and client_documents.is_allowed(client_id):
        application = client_documents.application_for(client_id)
    else:
        application = Application.objects.filter(client_id=client_id).first()
        if application is None and client_documents.is_allowed(client_id):
            return redirect_to_login(request.get_full_path())
    if application is None or not application.is_usable(request):
        raise Unanswerable("Unknown app. Start the connection again in the app.")
    asked = validated_request(parameters, application)
    if "none" in (parameters.get("prompt") or "").split():
        error = "consent_required" if is_known_person else "login_required"
        return _redirect(asked.error_location(error, "User consent is required."))
    if not is_known_person:
        return redirect_to_login(request.get_full_path())
    return _next_page(request, pending.save_request(request, asked))


def _answer(request: HttpRequest) -> HttpResponse:
    form = request_parameters.from_body(request, repeatable=frozenset({"scope"}))
    waiting = pending.find_request(request, form.get("ticket") or "")
    if not request.user.is_authenticated or waiting is None:
        raise Unanswerable("This page was already answered or has expired. Start again in the app.")
    step = form.get("step")
    if step == "workspace":
        waiting.workspace_id = form.get("workspace") or None
        pending.save(request, waiting)
        return _next_page(request, waiting)
    if step == "host":
        return _allow_host(request, waiting)
    if step == "deny":
        pending.forget_request(request, waiting.ticket)
        return _redirect(waiting.asked.error_location("access_denied", "The user denied access."))
    if step == "allow":
        return _grant(request, waiting, form.getlist("scope"))
    raise Unanswerable("Invalid choice.")


def _next_page(request: HttpRequest, waiting: Pending, notice: str = "") -> HttpResponse:
    """The next question: the workspace, the redirect host, or the consent."""
    memberships = actors.active_memberships(waiting.user_id)
    if not memberships:
        return pages.error_page(
            request,
            "Your account is not a member of any workspace. Ask an admin for an invitation.",
            403,
        )
    membership = _chosen(memberships, waiting)
    if membership is None:
        return pages.choose_workspace(request, waiting, memberships)
    if not redirect_hosts.is_allowed(waiting.asked.destination, str(membership.workspace_id)):
        return pages.new_place(request, waiting, membership, len(memberships) > 1)
    application = _application(waiting.asked)
    return pages.consent(
        request, waiting, membership, application, len(memberships) > 1, notice=notice
    )


def _allow_host(request: HttpRequest, waiting: Pending) -> HttpResponse:
    membership = _chosen(actors.active_memberships(waiting.user_id), waiting)
    if membership is not None:
        redirect_hosts.allow(_person(membership), membership, waiting.asked.destination)
    return _next_page(request, waiting)


def _grant(request: HttpRequest, waiting: Pending, ticked: list[str]) -> HttpResponse:
    membership = _chosen(actors.active_memberships(waiting.user_id), waiting)
    destination = waiting.asked.destination
    if membership is None or not redirect_hosts.is_allowed(
        destination, str(membership.workspace_id)
    ):
        return _next_page(request, waiting)
    consent = connections.Consent(
        membership=membership,
        application=_application(waiting.asked),
        destination=destination,
        asked=waiting.asked.asked,
        ticked=parse_scopes(" ".join(ticked)),
    )
    if not consent.granted:
        return _next_page(request, waiting, notice="Tick at least one permission, or deny.")
    pending.forget_request(request, waiting.ticket)
    with unit():
        connection = connections.open_connection(_person(membership), consent)
        location = codes.location_with_code(
            request, waiting.asked, connection, cast("User", request.user)
        )
    return _redirect(location)


def _chosen(memberships: list[Membership], waiting: Pending) -> Membership | None:
    if len(memberships) == 1:
        return memberships[0]
    return next((m for m in memberships if m.workspace_id == waiting.workspace_id), None)


def _application(asked: AuthorizationRequest) -> Application:
    application = Application.objects.filter(client_id=asked.client_id).first()
    if application is None or not application.redirect_uri_allowed(asked.redirect_uri):
        raise Unanswerable("Unknown app. Start the connection again in the app.")
    return application


def _person(membership: Membership) -> Actor:
    return actors.for_membership(
        membership, kind=ActorKind.PERSON, surface=Surface.DASHBOARD, scopes=None
    )


def _redirect(location: str) -> HttpResponse:
    response = OAuth2ResponseRedirect(location, ["https", "http", *CUSTOM_SCHEMES])
    response["Referrer-Policy"] = "no-referrer"
    return cast("HttpResponse", response)
