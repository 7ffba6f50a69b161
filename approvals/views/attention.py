"""Seen, drop, draft again, and what became of an unknown outcome: a form each."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.http import Request
from approvals.views.decisions import back_to, tell
from approvals.views.queue import asked, board_url
from core import operations
from core.errors import Conflict, Forbidden, ValidationFailed


@require_POST
def seen(request: Request, subject_id: str) -> HttpResponse:
    """Close one's own rows about an action, or about a channel listed above the rows."""
    return _submit(request, subject_id, "attention.seen", {"subject_id": subject_id})


@require_POST
def drop(request: Request, subject_id: str) -> HttpResponse:
    """Close everybody's."""
    return _submit(request, subject_id, "attention.drop", {"subject_id": subject_id})


@require_POST
def settle(request: Request, action_id: str) -> HttpResponse:
    """It went out, send it again, or leave it."""
    facts = {"action_id": action_id, "outcome": request.POST.get("outcome", "")}
    return _submit(request, action_id, "action.settle", facts)


@require_POST
def again(request: Request, action_id: str) -> HttpResponse:
    """A new draft of the same; it is shown at once."""
    actor = request.actor
    op = operations.get("approvals.action.again")
    try:
        answer = operations.submit(actor, op, {"action_id": action_id})
    except (Conflict, Forbidden, ValidationFailed) as error:
        tell(request, error)
        return back_to(request, action_id, moved_on=False)
    made = str(answer["result"]["action_id"])
    if request.POST.get("origin") != "queue":
        return redirect("card", made)
    return redirect(board_url({**asked(request), "tab": "waiting"}, item=made))


def _submit(request: Request, subject_id: str, verb: str, facts: dict[str, str]) -> HttpResponse:
    actor = request.actor
    try:
        operations.submit(actor, operations.get(f"approvals.{verb}"), facts)
    except (Conflict, Forbidden, ValidationFailed) as error:
        tell(request, error)
        return back_to(request, subject_id, moved_on=False)
    return back_to(request, subject_id, moved_on=True)
