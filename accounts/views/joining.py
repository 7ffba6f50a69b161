"""Accepting an invitation."""

from typing import TYPE_CHECKING, cast

from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django_ratelimit.core import get_usage

from accounts import actors, login_redirect
from accounts.forms import JoinForm
from accounts.services import invitations
from accounts.views.login import mark_fresh, too_many
from core.errors import AppError, Conflict, ValidationFailed

if TYPE_CHECKING:
    from accounts.models import User

JOIN_RATE = "20/m"


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the invitation; POST accepts it. Raises NotFound for a used or old link."""
    usage = get_usage(request, "join", key="ip", rate=JOIN_RATE, increment=True)
    if usage is not None and usage["should_limit"]:
        return too_many(request, max(1, int(usage["time_left"])))
    invitations.find_open(token)
    if request.method != "POST":
        return _page(request, token, JoinForm())
    if request.user.is_authenticated:
        return _join_as(request, token)
    form = JoinForm(request.POST)
    return _join_new(request, token, form) if form.is_valid() else _page(request, token, form, 400)


def _join_as(request: HttpRequest, token: str) -> HttpResponse:
    try:
        membership = invitations.accept_as(token, cast("User", request.user))
    except Conflict as error:
        return _page(request, token, JoinForm(), error.http_status, error)
    request.session[actors.SESSION_WORKSPACE] = str(membership.workspace_id)
    return redirect("queue")


def _join_new(request: HttpRequest, token: str, form: JoinForm) -> HttpResponse:
    workspace_id = str(invitations.find_open(token).workspace_id)
    try:
        user = invitations.accept(token, **form.cleaned_data)
    except ValidationFailed as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return _page(request, token, form, error.http_status)
    except Conflict as error:
        return _page(request, token, form, error.http_status, error)
    auth.login(request, user)
    mark_fresh(request)
    request.session[actors.SESSION_WORKSPACE] = workspace_id
    return redirect(login_redirect.page_for(request))


def _page(
    request: HttpRequest,
    token: str,
    form: JoinForm,
    status: int = 200,
    problem: AppError | None = None,
) -> HttpResponse:
    context = {"invitation": invitations.find_open(token), "form": form, "problem": problem}
    return render(request, "accounts/join.html", context, status=status)
