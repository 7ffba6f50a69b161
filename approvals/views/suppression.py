"""Settings, Suppression list: addresses that get nothing."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import Request
from accounts.saving import save
from approvals.policy.forms import SuppressForm
from approvals.suppression import changes, lookup
from core.access import Role
from core.errors import AppError


@require_http_methods(["GET", "HEAD", "POST"])
def suppression(request: Request) -> HttpResponse:
    """GET lists the addresses (`?q=` filters); POST adds one by hand."""
    if request.method != "POST":
        return _page(request)
    form, done = SuppressForm(request.POST), "Address suppressed."
    return save(request, changes.suppress_by_hand, form, page=_page, done=done, to="suppression")


@require_POST
def lift(request: Request, entry_id: str) -> HttpResponse:
    """Remove an address from the list."""
    return save(
        request,
        changes.lift,
        page=_page,
        done="Address removed from the list.",
        to="suppression",
        suppression_id=entry_id,
        because=request.POST.get("because", ""),
    )


def _page(
    request: Request,
    form: SuppressForm | None = None,
    *,
    status: int = 200,
    problem: AppError | None = None,
) -> HttpResponse:
    actor = request.actor
    search = request.GET.get("q", "").replace("\0", "").strip()[:254]
    context = {
        "entries": lookup.entries(actor, search),
        "q": search,
        "form": form or SuppressForm(),
        "problem": problem,
        "is_admin": actor.has_role(Role.ADMIN),
        "here": reverse("suppression"),
    }
    return render(request, "approvals/suppression.html", context, status=status)
