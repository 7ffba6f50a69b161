"""The login page of a LinkedIn account, for the person who started it; works without scripts.

Input goes to the provider and is never stored, so a form is never shown filled in.
"""

from collections.abc import Callable

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_POST

from accounts.http import Request
from core.errors import AppError
from core.schemas import validated
from identities.providers.linkedin.login import hosted, queries, steps
from identities.providers.linkedin.login.schemas import Credentials
from identities.providers.linkedin.login.starting import submit_code
from identities.views.answers import page_url, password_form
from jobs.services.jobs import cancel_job


@never_cache
@require_GET
def login(request: Request, job_id: str) -> HttpResponse:
    """The input LinkedIn waits for, or the outcome."""
    return _page(request, job_id)


@never_cache
@require_POST
@sensitive_post_parameters()
@sensitive_variables("typed")
def credentials(request: Request, job_id: str) -> HttpResponse:
    """Send them to the provider, then show the next step."""
    typed = {name: request.POST.get(f"linkedin_{name}", "") for name in Credentials.model_fields}
    actor = request.actor
    return _done(
        request, job_id, lambda: steps.log_in(actor, job_id, validated(Credentials, typed))
    )


@never_cache
@require_GET
def there(request: Request, job_id: str) -> HttpResponse:
    """To the provider's page; a link, because our forms post to us only."""
    actor = request.actor
    try:
        return HttpResponseRedirect(hosted.begin(actor, job_id))
    except AppError as error:
        return _page(request, job_id, problem=error, status=error.http_status)


@never_cache
@require_GET
def done(request: Request, job_id: str) -> HttpResponse:
    """Return from the provider's page after success."""
    actor = request.actor
    return _done(request, job_id, lambda: hosted.visitor_returned(actor, job_id))


@never_cache
@require_GET
def failed(request: Request, job_id: str) -> HttpResponse:
    """Return from the provider's page after a failure."""
    actor = request.actor
    return _done(request, job_id, lambda: hosted.leave_hosted(actor, job_id, hosted.FAILED))


@require_POST
def here(request: Request, job_id: str) -> HttpResponse:
    """The form instead of the provider's page."""
    actor = request.actor
    return _done(request, job_id, lambda: hosted.leave_hosted(actor, job_id, hosted.HERE))


@never_cache
@require_POST
@sensitive_post_parameters()
def code(request: Request, job_id: str) -> HttpResponse:
    """Submit a code."""
    actor = request.actor
    queries.login_page(actor, job_id)
    typed = "".join(request.POST.get("code", "").split())
    facts = {"job_id": job_id, "code": typed}
    return _done(request, job_id, lambda: submit_code.submit(actor, facts))


@require_POST
def resend(request: Request, job_id: str) -> HttpResponse:
    """Have another code sent."""
    actor = request.actor
    return _done(request, job_id, lambda: steps.resend(actor, job_id))


@require_POST
def cancel(request: Request, job_id: str) -> HttpResponse:
    """End the login."""
    actor = request.actor
    queries.login_page(actor, job_id)
    return _done(request, job_id, lambda: cancel_job.submit(actor, {"job_id": job_id}))


def _done(request: Request, job_id: str, deed: Callable[[], object]) -> HttpResponse:
    """Run a step and reload the login, or show its refusal in place."""
    try:
        deed()
    except AppError as error:
        return _page(request, job_id, problem=error, status=error.http_status)
    return redirect("linkedin_login", job_id)


def _page(
    request: Request, job_id: str, *, problem: AppError | None = None, status: int = 200
) -> HttpResponse:
    actor = request.actor
    context = {
        "shown": queries.login_page(actor, job_id),
        "problem": problem,
        "password": password_form(actor),
        "here": page_url("linkedin_login", job_id),
    }
    return render(request, "identities/linkedin_login.html", context, status=status)
