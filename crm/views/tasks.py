"""The tasks of the workspace: open or done, one's own or all, each with its button."""

from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.http import Request
from core.access import Role
from crm.queries import tasks as queries
from crm.services.tasks import finish_task

STATES = ("open", "done")


@require_GET
def tasks(request: Request) -> HttpResponse:
    """A list of tasks: `?state=done`, `?whose=all`."""
    actor = request.actor
    state, mine = _asked(request.GET.get("state"), request.GET.get("whose"))
    context = {
        "tasks": queries.rows(actor, state=state, mine=mine),
        "state": state,
        "mine": mine,
        "counts": {
            "mine": queries.open_count(actor, mine=True),
            "all": queries.open_count(actor, mine=False),
        },
        "rows_shown": queries.PAGE_ROWS,
        "may_finish": actor.has_role(Role.MEMBER),
    }
    return render(request, "crm/tasks.html", context)


@require_POST
def finish(request: Request, task_id: str) -> HttpResponse:
    """Mark a task as done, or open again, and return to its list."""
    facts = {"task_id": task_id, "done": request.POST.get("done") != "no"}
    finish_task.submit(request.actor, facts)
    state, mine = _asked(request.POST.get("state"), request.POST.get("whose"))
    query = urlencode({"state": state, "whose": "mine" if mine else "all"})
    return HttpResponseRedirect(f"{reverse('tasks')}?{query}", status=303)


def _asked(state: str | None, whose: str | None) -> tuple[str, bool]:
    return (state if state in STATES else "open"), whose != "all"
