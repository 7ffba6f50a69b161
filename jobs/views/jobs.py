"""Long jobs: a list, and one job's page with progress, which refreshes while it is open."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.http import Request
from core.access import Role
from jobs.queries.jobs import get_job, list_jobs
from jobs.services.jobs import cancel_job

PAGE = 50


@never_cache
@require_GET
def jobs(request: Request) -> HttpResponse:
    """One's own jobs; for admins all of the workspace."""
    actor = request.actor
    found = list_jobs.submit(actor, {"page": request.GET.get("page", "1"), "limit": PAGE})
    context = {
        "jobs": found.jobs,
        "pagination": found.pagination,
        "sees_all": actor.has_role(Role.ADMIN),
    }
    return render(request, "jobs/list.html", context)


@never_cache
@require_GET
def job(request: Request, job_id: str) -> HttpResponse:
    """One job."""
    found = get_job.submit(request.actor, {"job_id": job_id})
    return render(request, "jobs/job.html", {"job": found.job})


@require_POST
def cancel(request: Request, job_id: str) -> HttpResponse:
    """Cancel it, then show the result."""
    cancel_job.submit(request.actor, {"job_id": job_id})
    return redirect("job", job_id)
