"""Pages of the mail sink: open to everyone on this machine, to admins on a public origin."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import Request
from core.access import Role
from core.errors import Forbidden
from demo.dev_mail import box

View = Callable[..., HttpResponse]


def for_developers(view: View) -> View:
    """Let anyone in on a loopback origin; elsewhere only admins (running-3)."""

    @wraps(view)
    def guarded(request: Request, **kwargs: str) -> HttpResponse:
        if not settings.IS_LOOPBACK:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not request.actor.has_role(Role.ADMIN):
                raise Forbidden("Only an admin may read the demo's mail.")
        return view(request, **kwargs)

    return login_not_required(require_safe(guarded))


@for_developers
def messages(request: HttpRequest) -> HttpResponse:
    """The list, newest first."""
    return render(request, "dev_mail/list.html", {"received": box.newest()})


@for_developers
def message(request: HttpRequest, name: str) -> HttpResponse:
    """One message: envelope, headers, text, and the HTML part as source, which nothing renders."""
    return render(request, "dev_mail/message.html", {"mail": box.read(name)})


@for_developers
def source(_: HttpRequest, name: str) -> HttpResponse:
    """The bytes as they came, as a download."""
    return HttpResponse(
        box.read(name).raw,
        content_type="message/rfc822",
        headers={"Content-Disposition": f'attachment; filename="{name}.eml"'},
    )
