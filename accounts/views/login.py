"""Logging in and out, and choosing a workspace."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django_ratelimit.core import get_usage

from accounts import actors, login_redirect
from accounts.forms import LoginForm
from core import clock
from core.errors import NotFound

LOGIN_RATE = "10/m"
DEMO_PASSWORD = "demo-pathbound"  # noqa: S105 - printed by `make run`; refused outside DEMO
DEMO_LOGINS = [
    {"email": f"{name.lower()}@acme.test", "name": name, "role": role}
    for name, role in [("Ada", "admin"), ("Rex", "reviewer"), ("Mia", "member"), ("Vic", "viewer")]
]


@method_decorator([login_not_required, never_cache], name="dispatch")
class Login(LoginView):
    """Log in by e-mail address. 10 tries a minute for an address of the net and for an e-mail."""

    form_class = LoginForm
    template_name = "accounts/login.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Keep the opener: an app's popup passes through here."""
        page = super().dispatch(request, *args, **kwargs)
        page["Cross-Origin-Opener-Policy"] = "unsafe-none"
        return page

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The login, or 429 with Retry-After."""
        wait = _seconds_to_wait(request, "ip", "ip")
        wait = max(wait, _seconds_to_wait(request, "email", _tried_address))
        return too_many(request, wait) if wait else super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Store the time of the password entry, which determines a fresh login."""
        answer = super().form_valid(form)
        mark_fresh(self.request)
        return answer

    def get_default_redirect_url(self) -> str:
        """The page after a login without `next`."""
        return login_redirect.page_for(self.request)

    def get_initial(self) -> dict[str, Any]:
        """In the demo a person chosen without JavaScript is filled in."""
        chosen = self.request.GET.get("as", "")
        known = {login["email"] for login in self.demo_logins()}
        return {"username": chosen} if chosen in known else {}

    def demo_logins(self) -> list[dict[str, str]]:
        """The demo's people; empty elsewhere."""
        if not (settings.DEMO and settings.IS_LOOPBACK):
            return []
        return [{**login, "password": DEMO_PASSWORD} for login in DEMO_LOGINS]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`demo_logins` beside Django's own."""
        return super().get_context_data(demo_logins=self.demo_logins(), **kwargs)


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End the session."""
    auth.logout(request)
    return redirect("login")


@require_POST
def switch_workspace(request: HttpRequest) -> HttpResponse:
    """Switch to another workspace of the person. Raises NotFound for other workspaces."""
    wanted = request.POST.get("workspace", "")
    if actors.membership_of(str(request.user.pk), wanted) is None:
        raise NotFound("workspace")
    request.session[actors.SESSION_WORKSPACE] = wanted
    return redirect("queue")


def mark_fresh(request: HttpRequest) -> None:
    """Mark the login as fresh now."""
    request.session[actors.SESSION_AUTHENTICATED_AT] = clock.now().timestamp()


def too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    """The 429 page."""
    page = render(request, "errors/429.html", {"retry_after": seconds}, status=429)
    page["Retry-After"] = str(seconds)
    return page


def _seconds_to_wait(
    request: HttpRequest, group: str, key: Callable[[str, HttpRequest], str] | str
) -> int:
    usage = get_usage(request, f"login-{group}", key=key, rate=LOGIN_RATE, increment=True)
    if usage is None or not usage["should_limit"]:
        return 0
    return max(1, int(usage["time_left"]))


def _tried_address(_: str, request: HttpRequest) -> str:
    return request.POST.get("username", "").strip().lower()[:254]
