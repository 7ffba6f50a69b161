"""The login, and who acts behind it."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts import actors
from accounts.http import Request, identify


class ActorMiddleware(LoginRequiredMiddleware):
    """Pages ask for a login unless they say otherwise, and know the `actor` of accounts.http.

    Behind the login the memberships are read once, before the page. Public pages read them when
    they ask for them, and the API and MCP never do.
    """

    def __call__(self, request: HttpRequest) -> Any:
        """The answer from further inside."""
        return super().__call__(identify(request))

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], *args: Any
    ) -> HttpResponseBase | None:
        """The way to the login, or None where the page may go on."""
        answer = super().process_view(request, view_func, *args)
        if request.user.is_authenticated and getattr(view_func, "login_required", True):
            known = cast("Request", request)
            known.memberships = actors.active_memberships(known.user.pk)
            if known.memberships:
                # The actor itself: dataclasses.replace() takes no lazy object.
                known.actor = actors.for_session(known.session, known.memberships)
        return answer
