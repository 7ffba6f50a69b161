"""Approve, edit, reject, undo: one form each, answered by a redirect to a reloadable page."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.http import Request
from approvals.cards import build
from approvals.deciding import decisions, edits
from approvals.deciding.undo import undo as undo_action
from approvals.forms import EditForm, RejectForm
from approvals.views.cards import show_single
from approvals.views.queue import asked, board_url, show_board
from core.errors import AppError, Changed, Conflict, Forbidden, ValidationFailed
from core.operations import Operation


@require_POST
def approve(request: Request, action_id: str) -> HttpResponse:
    """Approve the shown version, identified by the form's fingerprint."""
    shown = {
        "fingerprint": request.POST.get("fingerprint", ""),
        "seen": request.POST.get("seen", ""),
        "audience": request.POST.get("audience", ""),
        "others": request.POST.get("others", ""),
        "other": request.POST.get("other") or None,
    }
    return submit(request, decisions.approve, action_id, {"action_id": action_id, **shown})


@require_POST
def reject(request: Request, action_id: str) -> HttpResponse:
    """Reject, or stop an approved action that has not begun."""
    form = RejectForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose a reason from the list; 1,000 characters at most.")
        return back_to(request, action_id, moved_on=False)
    given = {name: value for name, value in form.cleaned_data.items() if value}
    return submit(request, decisions.reject, action_id, {"action_id": action_id, **given})


@require_POST
def undo(request: Request, action_id: str) -> HttpResponse:
    """Undo a held message or a reversible change."""
    return submit(request, undo_action, action_id, {"action_id": action_id}, moved_on=False)


@require_POST
def edit(request: Request, action_id: str) -> HttpResponse:
    """Save an edit; it voids any approval. An invalid form is shown again as entered."""
    actor = request.actor
    form = EditForm(build.card(actor, action_id).params, request.POST)
    if not form.is_valid():
        return _edit_again(request, action_id, form)
    version = form.cleaned_data["version"]
    facts = {"action_id": action_id, "version": version, "params": form.edited()}
    try:
        edits.edit.submit(actor, facts)
    except (Changed, ValidationFailed) as error:
        _add_fault(form, error)
        return _edit_again(request, action_id, form, status=error.http_status)
    except (Conflict, Forbidden) as error:
        show_result(request, error)
    return back_to(request, action_id, moved_on=False)


def submit(
    request: Request, op: Operation, action_id: str, facts: dict[str, Any], *, moved_on: bool = True
) -> HttpResponse:
    """Submit it, and go to the next card; an error is shown on the form's page."""
    try:
        op.submit(request.actor, facts)
    except (Conflict, Forbidden, ValidationFailed) as error:
        show_result(request, error)
        return back_to(request, action_id, moved_on=False)
    return back_to(request, action_id, moved_on=moved_on)


def show_result(request: Request, error: AppError) -> None:
    """Keep a refusal for the page that follows."""
    messages.error(request, error.words)


def _add_fault(form: EditForm, error: AppError) -> None:
    name = (error.field or "").removeprefix("params.")
    form.add_error(name if name in form.fields else None, error.words)


def back_to(request: Request, action_id: str, *, moved_on: bool) -> HttpResponse:
    """Redirect to the form's page: the queue with the next card, the confirm page, or the card."""
    origin, token = request.POST.get("origin", ""), request.POST.get("token", "")
    if origin == "confirm" and token:
        return _see(reverse("confirm", args=[token]))
    if origin != "queue":
        return _see(reverse("card", args=[action_id]))
    if not moved_on:
        return _see(board_url(asked(request), item=action_id))
    following = request.POST.get("next", "")
    return _see(board_url(asked(request), next=following, done=action_id))


def _edit_again(
    request: Request, action_id: str, form: EditForm, *, status: int = 400
) -> HttpResponse:
    if request.POST.get("origin") == "queue":
        page = show_board(request, asked(request), item=action_id, form=form, status=status)
    else:
        page = show_single(request, action_id, form=form, status=status)
    page["HX-Push-Url"] = "false"  # a form's address cannot be reloaded
    return page


def _see(url: str) -> HttpResponse:
    return HttpResponseRedirect(url, status=303)
