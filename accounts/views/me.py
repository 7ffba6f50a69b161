"""A person's own page: name, zone, notices; for admins also names in notices."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import notification_channels
from accounts.forms import MeForm
from accounts.http import Request
from accounts.saving import save
from accounts.services import notices, preferences
from core import system_mail
from core.access import Role
from core.errors import AppError


@require_http_methods(["GET", "HEAD", "POST"])
def me(request: Request) -> HttpResponse:
    """GET shows the form; POST saves it."""
    if request.method != "POST":
        return _page(request)
    form = MeForm(notification_channels.places(request.actor.workspace_id), request.POST)
    return save(request, preferences.change, form, page=_page, done="Saved.", to="me")


@require_POST
def names_in_notices(request: Request) -> HttpResponse:
    """Whether the workspace's notices may name people."""
    allowed = request.POST.get("allowed") == "on"
    return save(request, preferences.let_notices_name, done="Saved.", to="me", allowed=allowed)


def _page(
    request: Request,
    form: MeForm | None = None,
    *,
    status: int = 200,
    problem: AppError | None = None,
) -> HttpResponse:
    actor = request.actor
    context = {
        "form": form or _blank(request),
        "problem": problem,
        "is_admin": actor.has_role(Role.ADMIN),
        "told": notices.recent(request.user),
        "has_mail": system_mail.is_configured(),
    }
    return render(request, "accounts/me.html", context, status=status)


def _blank(request: Request) -> MeForm:
    actor, user = request.actor, request.user
    chosen = {
        "name": user.name,
        "time_zone": user.time_zone,
        "notices": user.notices,
        "notice_place": preferences.notice_place(actor),
    }
    return MeForm(notification_channels.places(actor.workspace_id), initial=chosen)
