"""Re-entering the password before external access is enabled."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django_ratelimit.core import get_usage

from accounts.forms import PasswordForm
from accounts.http import Request
from accounts.views.login import LOGIN_RATE, mark_fresh, too_many


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: Request) -> HttpResponse:
    """Ask for the password; a correct one makes the login fresh and redirects to `next`."""
    form = PasswordForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, form, 400 if request.method == "POST" else 200)
    usage = get_usage(request, "password", key="user", rate=LOGIN_RATE, increment=True)
    if usage is not None and usage["should_limit"]:
        return too_many(request, max(1, int(usage["time_left"])))
    if not request.user.check_password(form.cleaned_data["password"]):
        form.add_error("password", "Wrong password.")
        return _page(request, form, 400)
    mark_fresh(request)
    return redirect(_next(request))


def _next(request: Request) -> str:
    wanted = request.POST.get("next") or request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours and wanted.startswith("/") else "/settings/api-keys/"


def _page(request: Request, form: PasswordForm, status: int) -> HttpResponse:
    context = {"form": form, "next": _next(request)}
    return render(request, "accounts/password.html", context, status=status)
