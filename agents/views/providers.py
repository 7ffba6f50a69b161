"""Which providers of models agents may use: external access, which needs a fresh login."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.http import Request
from agents.services import allowed_providers
from agents.views.answers import refuse
from core.errors import ValidationFailed


@never_cache
@require_POST
def allow(request: Request, provider: str) -> HttpResponse:
    """Allow a provider; without a fresh login the password is asked first."""
    actor = request.actor
    if not actor.fresh_login:
        return redirect(f"{reverse('confirm_password')}?{urlencode({'next': _here()})}")
    try:
        allowed_providers.allow(actor, provider)
    except ValidationFailed as refusal:
        refuse(request, refusal)
    else:
        messages.success(request, "Allowed. An agent uses it when its form says so.")
    return redirect(_here())


@never_cache
@require_POST
def close(request: Request, provider_id: str) -> HttpResponse:
    """Close it: agents that use it stop at their next contact."""
    allowed_providers.forbid(request.actor, provider_id)
    messages.success(request, "Not allowed any more. Agents that used it stop and say so.")
    return redirect(_here())


def _here() -> str:
    return f"{reverse('agents')}#providers"
