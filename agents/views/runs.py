"""A run: its progress, and for each contact the objects read, reasoning and proposals."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.http import Request
from agents.queries import run_pages
from agents.views.answers import refuse
from core.errors import Conflict
from core.pagination import PageArguments
from core.schemas import validated
from jobs.services.jobs import cancel_job


@never_cache
@require_GET
def run(request: Request, run_id: str) -> HttpResponse:
    """One run; `?page=` turns the pages of its contacts, `?contact=` finds the page of one."""
    actor = request.actor
    asked = validated(PageArguments, {"page": request.GET.get("page", "1")})
    contact_id = request.GET.get("contact", "")
    shown = run_pages.run_page(actor, run_id, asked.page, contact_id)
    return render(request, "agents/run.html", {"shown": shown, "run": shown.run})


@require_POST
def cancel(request: Request, run_id: str) -> HttpResponse:
    """End it; its proposals so far stay."""
    actor = request.actor
    job_id = run_pages.job_of(actor, run_id)
    try:
        cancel_job.submit(request.actor, {"job_id": job_id})
    except Conflict as refusal:
        refuse(request, refusal)
    return redirect("agent_run", run_id)
