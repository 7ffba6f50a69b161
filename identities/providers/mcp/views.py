"""Connect an external MCP server by its own OAuth: to its page and back."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from accounts.http import Request
from core.errors import AppError
from identities.providers.mcp import oauth
from identities.services import consents
from identities.views.consents import answered, ask

_ASKED = "mcp_asked"
CACHE_SECONDS = 3600


@never_cache
@require_GET
def start(request: Request, channel_id: str) -> HttpResponse:
    """Discover the server's token issuer, then redirect there."""
    try:
        known = consents.begin(request.actor, channel_id, back_url())
    except AppError as error:
        return _refused(request, channel_id, error)
    asked = ask(request, _ASKED, channel=channel_id, issuer=known.issuer)
    return HttpResponseRedirect(
        oauth.consent_url(
            known, state=asked.state, challenge=asked.challenge, redirect_uri=back_url()
        )
    )


@never_cache
@require_GET
def back(request: Request) -> HttpResponse:
    """The server's answer, once, for the person who started it."""
    asked = answered(request, _ASKED)
    if asked is None:
        messages.error(
            request, "This authorization was not started here. Connect the server again."
        )
        return redirect("senders")
    channel_id, code = str(asked["channel"]), request.GET.get("code", "")
    # RFC 9207 2.4: an answer from another issuer is refused.
    if not code or request.GET.get("iss", asked["issuer"]) != asked["issuer"]:
        messages.error(request, "Access to the server was not granted. Nothing was changed.")
        return redirect("server", channel_id)
    try:
        consents.finish_consent(request.actor, channel_id, code, str(asked["verifier"]), back_url())
    except AppError as error:
        return _refused(request, channel_id, error)
    messages.success(request, "Server connected. Fetch its tools, then allow some.")
    return redirect("server", channel_id)


@login_not_required
@require_safe
def client_document(_: HttpRequest) -> HttpResponse:
    """Our client metadata, for the servers we connect to; it names no workspace."""
    answer = JsonResponse(oauth.document(back_url()))
    answer["Cache-Control"] = f"public, max-age={CACHE_SECONDS}"
    return answer


def _refused(request: Request, channel_id: str, error: AppError) -> HttpResponse:
    messages.error(request, error.words)
    return redirect("server", channel_id)


def back_url() -> str:
    """Our redirect URI, which a client registered by hand needs."""
    return f"{settings.PUBLIC_BASE_URL}{reverse('mcp_oauth_back')}"
