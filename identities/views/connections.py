"""Connections of the whole workspace: Slack, Resend, HubSpot, external MCP servers. For admins."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import Request
from accounts.saving import Page, save
from accounts.services.members import require_admin
from core.errors import AppError
from identities.forms import TokenForm
from identities.models import Channel, Kind
from identities.providers.mcp.forms import ServerForm
from identities.providers.mcp.schemas import McpSettings
from identities.providers.mcp.views import back_url
from identities.providers.resend.forms import WebhookForm
from identities.queries import pages
from identities.services import connection_tests, connections
from identities.services.connection_tests import Step
from identities.views.answers import page_url, password_form


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def connection(request: Request, kind: str) -> HttpResponse:
    """Slack, Resend or HubSpot; POST stores a token."""
    shown = pages.connection(request.actor, kind)
    if request.method != "POST":
        return _connection(request, kind)
    return save(
        request,
        connections.save_token,
        TokenForm(request.POST),
        page=_page(lambda **facts: _connection(request, kind, **facts)),
        done="Token saved. Test it before you rely on it.",
        to=page_url("connection", kind),
        kind=shown.kind,
    )


@never_cache
@require_POST
def save_webhook(request: Request, channel_id: str) -> HttpResponse:
    """Store the secret Resend signs its webhooks with."""
    kind = str(pages.channel(request.actor, channel_id, Kind.RESEND).kind)
    return save(
        request,
        connections.save_webhook_secret,
        WebhookForm(request.POST),
        page=_page(lambda **facts: _connection(request, kind, **facts), "webhook"),
        done="Signing secret saved. Bounces and complaints are now recorded.",
        to=page_url("connection", kind),
        channel_id=channel_id,
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_server(request: Request) -> HttpResponse:
    """Connect an external MCP server."""
    require_admin(request.actor)
    if request.method != "POST":
        return _new_server(request)

    def added(channel: Channel) -> HttpResponse:
        messages.success(request, "Server added. Fetch its tools, then allow some.")
        return redirect("server", channel.pk)

    form = ServerForm(request.POST)
    return save(request, connections.add_server, form, page=_new_server, done=added)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def server(request: Request, channel_id: str) -> HttpResponse:
    """One server with its tools; POST changes it."""
    if request.method != "POST":
        return _server(request, channel_id)
    return save(
        request,
        connections.change_server,
        ServerForm(request.POST),
        page=_page(lambda **facts: _server(request, channel_id, **facts)),
        done="Server saved.",
        to=page_url("server", channel_id),
        channel_id=channel_id,
    )


@never_cache
@require_POST
def try_channel(request: Request, channel_id: str) -> HttpResponse:
    """Test the connection now, and show the result in place."""
    steps = connection_tests.try_channel(request.actor, channel_id)
    return _either(request, channel_id, steps=steps)


@never_cache
@require_POST
def allow(request: Request, channel_id: str) -> HttpResponse:
    """Allow exactly the ticked entries."""
    return save(
        request,
        connections.allow,
        page=_page(lambda **facts: _either(request, channel_id, **facts)),
        done="Saved. Only what is ticked is allowed.",
        to=_place(request, channel_id),
        channel_id=channel_id,
        wanted=request.POST.getlist("allowed"),
    )


@require_POST
def close(request: Request, channel_id: str) -> HttpResponse:
    """Forget the connection and its secret."""
    done = "Disconnected. The stored secret was deleted."
    return save(request, connections.close_channel, done=done, to="senders", channel_id=channel_id)


def _page(show: Callable[..., HttpResponse], name: str = "form") -> Page:
    """A page of several forms, for the one of this name."""

    def page(
        _: Request, form: Any, *, status: int = 200, problem: AppError | None = None
    ) -> HttpResponse:
        return show(**{name: form}, status=status, problem=problem)

    return page


def _new_server(
    request: Request,
    form: ServerForm | None = None,
    *,
    status: int = 200,
    problem: AppError | None = None,
) -> HttpResponse:
    context = {
        "form": form or ServerForm(),
        "problem": problem,
        "back_url": back_url(),
        "password": password_form(request.actor),
        "here": page_url("new_server"),
    }
    return render(request, "identities/new_server.html", context, status=status)


def _place(request: Request, channel_id: str) -> str:
    row = pages.channel(request.actor, channel_id)
    if row.kind == "mcp":
        return page_url("server", channel_id)
    return page_url("connection", str(row.kind))


def _either(request: Request, channel_id: str, **facts: Any) -> HttpResponse:
    row = pages.channel(request.actor, channel_id)
    if row.kind == "mcp":
        return _server(request, channel_id, **facts)
    return _connection(request, str(row.kind), **facts)


def _connection(
    request: Request,
    kind: str,
    *,
    form: Form | None = None,
    webhook: Form | None = None,
    steps: list[Step] | None = None,
    problem: AppError | None = None,
    status: int = 200,
) -> HttpResponse:
    actor = request.actor
    require_admin(actor)
    shown = pages.connection(actor, kind)
    context = {
        "shown": shown,
        "settings": pages.settings_shown(shown.channel),
        "form": form or TokenForm(),
        "webhook": webhook or WebhookForm(),
        "webhook_url": _webhook_url(shown.channel),
        "steps": steps or [],
        "problem": problem,
        "password": password_form(actor),
        "here": page_url("connection", kind),
    }
    return render(request, "identities/connection.html", context, status=status)


def _webhook_url(channel: Channel | None) -> str:
    """The URL of Resend's webhook; empty for other connections."""
    if channel is None or channel.kind != Kind.RESEND:
        return ""
    return f"{settings.PUBLIC_BASE_URL}{page_url('resend_webhook', str(channel.pk))}"


def _server(
    request: Request,
    channel_id: str,
    *,
    form: Form | None = None,
    steps: list[Step] | None = None,
    problem: AppError | None = None,
    status: int = 200,
) -> HttpResponse:
    actor = request.actor
    require_admin(actor)
    row = pages.channel(actor, channel_id)
    known = pages.settings_shown(row)
    if not isinstance(known, McpSettings):
        return redirect("senders")
    context = {
        "channel": row,
        "settings": known,
        "form": form or ServerForm.of(row, known),
        "back_url": back_url(),
        "steps": steps or [],
        "problem": problem,
        "password": password_form(actor),
        "here": page_url("server", channel_id),
    }
    return render(request, "identities/server.html", context, status=status)
