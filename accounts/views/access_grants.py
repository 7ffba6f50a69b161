"""Every open grant of the workspace on one page, for admins."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.http import Request
from accounts.saving import save
from accounts.services import access_grants


@never_cache
@require_GET
def list_grants(request: Request) -> HttpResponse:
    """Active grants: who enabled them, since when, last use; and those others enabled lately."""
    actor = request.actor
    context = {"grants": access_grants.open_grants(actor), "notices": access_grants.unseen(actor)}
    return render(request, "accounts/external_access.html", context)


@require_POST
def seen(request: Request) -> HttpResponse:
    """The admin has read the notices."""
    return save(request, access_grants.mark_seen, done="Marked as read.", to="external_access")
