"""OAuth alone, with a page behind a token, so that these tests need no other app."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from oauth.resource_server.authenticate import authenticate
from oauth.resource_server.challenges import NotAuthenticated


@csrf_exempt
@login_not_required
def whoami(request: HttpRequest) -> HttpResponse:
    """The bearer's identity, or 401 with the challenge."""
    try:
        actor = authenticate(request)
    except NotAuthenticated as refusal:
        return HttpResponse(status=401, headers={"WWW-Authenticate": refusal.challenge_header})
    facts: dict[str, Any] = {
        "user": actor.user_id,
        "workspace": actor.workspace_id,
        "role": actor.role,
        "kind": actor.kind,
        "scopes": sorted(actor.scopes or ()),
        "client": actor.client.name if actor.client else "",
        "host": actor.client.host if actor.client else "",
    }
    return JsonResponse(facts)


def blank(request: HttpRequest, **_: Any) -> HttpResponse:
    """A page of another app."""
    return HttpResponse("")


def _pages(*names: str) -> Any:
    return [path(f"{name}/", blank, name=name) for name in names]


urlpatterns = [
    path("", include("oauth.urls")),
    path("mcp", whoami),
    path("", whoami),
    path("login/", login_not_required(blank), name="login"),
]
