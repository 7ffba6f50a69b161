"""Settings, Stop: the kill switch of a workspace."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import PasswordForm
from accounts.http import Request
from accounts.saving import save
from approvals.forms import StopForm
from approvals.stopping import kill_switch, stops
from core.access import Role
from core.errors import AppError


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: Request) -> HttpResponse:
    """GET shows the stops and who made them; POST stops the workspace."""
    if request.method != "POST":
        return _page(request)
    form = StopForm(request.POST)
    done = "Stopped. Nothing changes or is sent until an admin resumes."
    return save(request, kill_switch.stop, form, page=_page, done=done, to="stop")


@require_POST
def resume(request: Request) -> HttpResponse:
    """Resume the workspace."""

    def resumed(returned: int) -> HttpResponse:
        messages.success(request, f"Resumed. Actions that need approval again: {returned}.")
        return redirect("stop")

    return save(request, kill_switch.resume, page=_page, done=resumed)


def _page(
    request: Request,
    form: StopForm | None = None,
    *,
    status: int = 200,
    problem: AppError | None = None,
) -> HttpResponse:
    actor = request.actor
    held_by = stops.active_stop(actor.workspace_id)
    context = {
        "held_by": held_by,
        "by_operator": held_by is not None and held_by.workspace_id is None,
        "history": stops.history(actor),
        "may_stop": actor.has_role(Role.REVIEWER),
        "is_admin": actor.has_role(Role.ADMIN),
        "password": None if actor.fresh_login else PasswordForm(),
        "form": form or StopForm(),
        "problem": problem,
        "here": reverse("stop"),
    }
    return render(request, "approvals/stop.html", context, status=status)
