"""Connect Gmail: to Google's page and back (RFC 6749 4.1, RFC 7636)."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.http import Request
from accounts.services import access_grants
from core.errors import AppError, Forbidden, NotFound
from identities.providers.email import google
from identities.queries import pages
from identities.services import mailboxes
from identities.views.consents import answered, ask

_ASKED = "gmail_asked"


@never_cache
@require_GET
def start(request: Request, identity_id: str) -> HttpResponse:
    """Store the person and the sender in the session, then redirect to Google.

    Raises NotFound without a client.
    """
    if not settings.GOOGLE_CLIENT_ID:
        raise NotFound("page")
    actor = request.actor
    shown = pages.sender_page(actor, identity_id)
    try:
        access_grants.require(actor)
    except Forbidden as error:
        return _refused(request, identity_id, error)
    asked = ask(request, _ASKED, sender=identity_id)
    hint = shown.mailbox.address if shown.mailbox else ""
    return HttpResponseRedirect(
        google.consent_url(
            state=asked.state, challenge=asked.challenge, redirect_uri=_back(), hint=hint
        )
    )


@never_cache
@require_GET
def back(request: Request) -> HttpResponse:
    """Google's answer, once, for the person who started it."""
    asked = answered(request, _ASKED)
    if asked is None:
        messages.error(
            request, "This Google authorization was not started here. Connect Gmail again."
        )
        return redirect("senders")
    identity_id, code = str(asked["sender"]), request.GET.get("code", "")
    if not code:
        messages.error(request, "Access was not granted at Google. Nothing was changed.")
        return redirect("sender", identity_id)
    actor = request.actor
    try:
        access_grants.require(actor)
        grant = google.exchange(code, verifier=asked["verifier"], redirect_uri=_back())
        mailboxes.save_gmail(actor, identity_id, grant)
    except AppError as error:
        return _refused(request, identity_id, error)
    messages.success(request, f"{grant.address} connected. Test it before you rely on it.")
    return redirect("sender", identity_id)


def _refused(request: Request, identity_id: str, error: AppError) -> HttpResponse:
    messages.error(request, error.words)
    return redirect("sender", identity_id)


def _back() -> str:
    return f"{settings.PUBLIC_BASE_URL}{reverse('gmail_back')}"
