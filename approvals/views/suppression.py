"""Settings, Suppression list: who gets nothing."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import Request
from approvals.policy.forms import LiftForm, SuppressForm
from approvals.suppression import changes as changing
from approvals.suppression import lookup
from core.access import Role
from core.errors import Forbidden, ValidationFailed


@require_http_methods(["GET", "HEAD", "POST"])
def suppression(request: Request) -> HttpResponse:
    """GET lists the addresses (`?q=` filters); POST adds one by hand."""
    if request.method != "POST":
        return _page(request, SuppressForm())
    form = SuppressForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    try:
        changing.suppress(request.actor, **form.cleaned_data)
    except (Forbidden, ValidationFailed) as error:
        form.add_error("address" if error.field else None, error.message)
        return _page(request, form, status=error.http_status)
    messages.success(request, "Address suppressed.")
    return redirect("suppression")


@require_POST
def lift(request: Request, entry_id: str) -> HttpResponse:
    """Take an address off the list."""
    form = LiftForm(request.POST)
    because = form.cleaned_data["because"] if form.is_valid() else ""
    try:
        changing.lift(request.actor, entry_id, because)
    except (Forbidden, ValidationFailed) as error:
        return _page(request, SuppressForm(), status=error.http_status, problem=error.message)
    messages.success(request, "Address removed from the list.")
    return redirect("suppression")


def _page(
    request: Request, form: SuppressForm, *, status: int = 200, problem: str = ""
) -> HttpResponse:
    actor = request.actor
    search = request.GET.get("q", "").replace("\0", "").strip()[:254]
    context = {
        "entries": lookup.entries(actor, search),
        "q": search,
        "form": form,
        "problem": problem,
        "is_admin": actor.has_role(Role.ADMIN),
        "here": reverse("suppression"),
    }
    return render(request, "approvals/suppression.html", context, status=status)
