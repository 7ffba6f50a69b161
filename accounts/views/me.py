"""A person's own page: name, zone, notices; for admins also what notices may say."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import notification_channels
from accounts.forms import MeForm
from accounts.http import Request
from accounts.services import notices, preferences
from core import system_mail
from core.access import Role
from core.errors import ValidationFailed


@require_http_methods(["GET", "HEAD", "POST"])
def me(request: Request) -> HttpResponse:
    """GET shows the form; POST saves it."""
    actor = request.actor
    user = preferences.person(actor)
    start = {"name": user.name, "time_zone": user.time_zone, "notices": user.notices}
    places = notification_channels.places(actor.workspace_id)
    if request.method != "POST":
        chosen = {"notice_place": preferences.notice_place(actor)}
        return _page(request, MeForm(places, initial=start | chosen))
    form = MeForm(places, request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    try:
        preferences.change(actor, **form.cleaned_data)
    except ValidationFailed as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return _page(request, form, status=400)
    messages.success(request, "Saved.")
    return redirect("me")


@require_POST
def names_in_notices(request: Request) -> HttpResponse:
    """Whether the workspace's notices may name people."""
    allowed = request.POST.get("allowed") == "on"
    preferences.let_notices_name(request.actor, allowed=allowed)
    messages.success(request, "Saved.")
    return redirect("me")


def _page(request: Request, form: MeForm, *, status: int = 200) -> HttpResponse:
    actor = request.actor
    context = {
        "form": form,
        "is_admin": actor.has_role(Role.ADMIN),
        "told": notices.recent(preferences.person(actor)),
        "has_mail": system_mail.is_configured(),
    }
    return render(request, "accounts/me.html", context, status=status)
