"""Long jobs: a list, and one with its progress, which fetches itself anew while it is open."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.http import Request
from core import operations
from core.access import Role
from core.actor import Actor

PAGE = 50


@never_cache
@require_GET
def jobs(request: Request) -> HttpResponse:
    """One's own; an admin's are all of the workspace."""
    actor = request.actor
    found = _ask(actor, "list", {"page": request.GET.get("page", "1"), "limit": PAGE})
    context = {**found, "sees_all": actor.has_role(Role.ADMIN)}
    return render(request, "jobs/list.html", context)


@never_cache
@require_GET
def job(request: Request, job_id: str) -> HttpResponse:
    """One job."""
    return render(request, "jobs/job.html", _ask(request.actor, "get", {"job_id": job_id}))


@require_POST
def cancel(request: Request, job_id: str) -> HttpResponse:
    """End it, then show how it ended."""
    _ask(request.actor, "cancel", {"job_id": job_id})
    return redirect("job", job_id)


def _ask(actor: Actor, verb: str, data: dict[str, Any]) -> dict[str, Any]:
    return operations.submit(actor, operations.get(f"jobs.job.{verb}"), data)
