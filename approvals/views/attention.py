"""Seen, drop, draft again, and settle an unknown outcome: one form each."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.http import Request
from approvals.deciding import resolution
from approvals.views.decisions import back_to, show_result, submit
from approvals.views.queue import asked, board_url
from core.errors import Conflict, Forbidden, ValidationFailed


@require_POST
def seen(request: Request, subject_id: str) -> HttpResponse:
    """Close one's own rows about an action, or about a channel listed above the rows."""
    return submit(request, resolution.acknowledge, subject_id, {"subject_id": subject_id})


@require_POST
def drop(request: Request, subject_id: str) -> HttpResponse:
    """Close all rows."""
    return submit(request, resolution.dismiss, subject_id, {"subject_id": subject_id})


@require_POST
def settle(request: Request, action_id: str) -> HttpResponse:
    """Settle it: it went out, send it again, or leave it."""
    facts = {"action_id": action_id, "outcome": request.POST.get("outcome", "")}
    return submit(request, resolution.resolve_outcome, action_id, facts)


@require_POST
def again(request: Request, action_id: str) -> HttpResponse:
    """Draft it again and show the new draft."""
    try:
        made = resolution.redraft.submit(request.actor, {"action_id": action_id}).resource.action_id
    except (Conflict, Forbidden, ValidationFailed) as error:
        show_result(request, error)
        return back_to(request, action_id, moved_on=False)
    if request.POST.get("origin") != "queue":
        return redirect("card", made)
    return redirect(board_url({**asked(request), "tab": "waiting"}, item=made))
