"""Which providers of models agents may use: external access, which needs a fresh login."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.http import Request
from accounts.saving import save
from agents.services import allowed_providers
from agents.views.answers import refuse
from core.errors import AppError, Forbidden


@never_cache
@require_POST
def allow(request: Request, provider: str) -> HttpResponse:
    """Allow a provider; without a fresh login it first asks for the password."""
    actor = request.actor
    if not actor.fresh_login:
        return redirect(f"{reverse('confirm_password')}?{urlencode({'next': _here()})}")
    return save(
        request,
        allowed_providers.allow,
        page=_refused,
        done="Provider allowed. Agents can now use it.",
        to=_here(),
        provider=provider,
    )


@never_cache
@require_POST
def close(request: Request, provider_id: str) -> HttpResponse:
    """Withdraw it: agents that use it stop at their next contact."""
    return save(
        request,
        allowed_providers.forbid,
        done="Provider disallowed. Agents that use it will stop.",
        to=_here(),
        provider_id=provider_id,
    )


def _refused(
    request: Request, form: object, *, status: int = 200, problem: AppError | None = None
) -> HttpResponse:
    if isinstance(problem, Forbidden):
        raise problem
    if problem is not None:
        refuse(request, problem)
    return redirect(_here())


def _here() -> str:
    return f"{reverse('agents')}#providers"
