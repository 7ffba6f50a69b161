"""The audit log for admins: filters, pages, a copy, and whether it is whole."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.forms import AuditForm
from accounts.http import Request
from accounts.services import audit_trail
from core import audit_log, clock, streams
from core.errors import Conflict

ROWS_SHOWN = 50


@never_cache
@require_GET
def audit(request: Request) -> HttpResponse:
    """`?who=&verb=&object_id=&since=&until=&page=`; a filter with faults shows no rows."""
    actor = request.actor
    form = AuditForm(request.GET)
    found = audit_trail.entries(actor, form.wanted())
    pages = Paginator(found if form.is_valid() else found.none(), ROWS_SHOWN)
    page = pages.get_page(request.GET.get("page"))
    shown = list(page)
    seals = audit_log.seals_of(shown)
    length, check = audit_trail.state(actor)
    context = {
        "form": form,
        "rows": [(entry, seals.get(str(entry.pk))) for entry in shown],
        "page": page,
        "total": pages.count,
        "query": form.query(),
        "length": length,
        "check": check,
        "needs_password": audit_trail.needs_fresh_login(pages.count) and not actor.fresh_login,
        "formats": sorted(audit_log.FORMATS),
    }
    return render(request, "accounts/audit.html", context)


@require_POST
def export(request: Request) -> HttpResponseBase:
    """An export of the matching rows, as a file."""
    form = AuditForm(request.POST)
    if not form.is_valid():
        messages.error(request, "The filter is not valid; nothing was exported.")
        return _back(form)
    wanted_format = request.POST.get("format", "")
    try:
        parts, content_type = audit_trail.export(request.actor, form.wanted(), wanted_format)
    except audit_trail.PasswordFirst:
        return redirect(f"{reverse('confirm_password')}?{urlencode({'next': _here(form)})}")
    name = f"audit-{clock.now():%Y-%m-%d}.{wanted_format}"
    return streams.download(request, parts, name=name, content_type=content_type)


@require_POST
def verify(request: Request) -> HttpResponse:
    """Walk the chain now."""
    try:
        check = audit_trail.check_now(request.actor)
    except Conflict as error:
        messages.error(request, f"{error.message} {error.hint}")
        return redirect("audit")
    if check.fault:
        messages.error(request, check.fault)
    else:
        messages.success(request, "The chain is intact: no row was changed, removed or moved.")
    return redirect("audit")


def _back(form: AuditForm) -> HttpResponse:
    return HttpResponseRedirect(_here(form))


def _here(form: AuditForm) -> str:
    query = form.query()
    return f"{reverse('audit')}?{query}" if query else reverse("audit")
