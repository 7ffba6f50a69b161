"""The login, and who acts behind it."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts import actors
from accounts.http import Request, identify


class ActorMiddleware(LoginRequiredMiddleware):
    """Pages require a login unless declared public, and have the `actor` of accounts.http.

    Behind the login the memberships are read once, before the page. Public pages read them on
    demand, the API and MCP never.
    """

    def __call__(self, request: HttpRequest) -> Any:
        """The answer from further inside."""
        return super().__call__(identify(request))

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], *args: Any
    ) -> HttpResponseBase | None:
        """The redirect to the login, or None to continue."""
        answer = super().process_view(request, view_func, *args)
        if request.user.is_authenticated and getattr(view_func, "login_required", True):
            known = cast("Request", request)
            known.memberships = actors.active_memberships(known.user.pk)
            if known.memberships:
                # The actor itself: dataclasses.replace() does not accept a lazy object.
                known.actor = actors.for_session(known.session, known.memberships)
        return answer
