"""Closed by default: every route requires a login, except these, each for a reason."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

PUBLIC = {
    "": "sends browsers to login or queue; POST is the MCP endpoint, which takes bearer tokens",
    "mcp": "bearer tokens, no session: answers 401 with the challenge (RFC 6750 3)",
    "mcp/": "the same with a slash",
    ".well-known/oauth-authorization-server": "metadata (RFC 8414)",
    ".well-known/oauth-authorization-server/mcp": "metadata (RFC 8414)",
    ".well-known/oauth-protected-resource": "metadata (RFC 9728)",
    ".well-known/oauth-protected-resource/mcp": "metadata (RFC 9728)",
    "oauth/authorize": "must show what is wrong with a request before it asks for a login",
    "oauth/token": "apps present a code or a refresh token (RFC 6749 3.2)",
    "oauth/register": "apps register themselves (RFC 7591)",
    "oauth/revoke": "apps present the token itself (RFC 7009)",
    "oauth/revoke/": "the same with a slash",
    "^(?:oauth/)?authorize/?$": "old and guessed paths of the above",
    "^(?:oauth/)?token/?$": "old and guessed paths of the above",
    "^(?:oauth/)?register/?$": "old and guessed paths of the above",
    "oauth/client.json": "who we are, read by servers we connect to (client ID metadata documents)",
    "login/": "the login itself",
    "join/<str:token>/": "whoever holds an invitation's link may not have an account yet",
    "admin/login/": "the operators' login",
    "unsubscribe/<str:token>/": "whoever got a message may end them; the signed link is the right",
    "webhooks/resend/<str:channel_id>/": "Resend reports here; its signature is the right",
    "webhooks/unipile/<str:login_id>/": "Unipile reports here; the secret in its URL is the right",
    "health/live": "load balancers",
    "health/ready": "load balancers",
    "metrics": "monitoring: a token of its own, or this machine only",
}
# REST needs keys, not sessions: tests/api/test_request_checks.py checks every route. The exceptions
# there are /v1/health and the documents, which contain no user's data.
KEYED = "v1/"


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route as it is written, with its pattern."""
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, route)
        else:
            yield route, entry


ALL = dict(routes(get_resolver()))
PUBLIC |= {route: "API keys" for route in ALL if route.startswith(KEYED)}
CLOSED = sorted(set(ALL) - set(PUBLIC))


def test_the_list_of_public_routes_names_existing_ones_only() -> None:
    assert sorted(set(PUBLIC) - set(ALL)) == []


def test_exactly_the_listed_routes_are_open() -> None:
    opened = {
        route for route, entry in ALL.items() if not getattr(entry.callback, "login_required", True)
    }

    assert sorted(opened - {"admin/login/"}) == sorted(set(PUBLIC) - {"admin/login/"})


@pytest.mark.django_db
def test_an_anonymous_visitor_is_sent_to_the_login() -> None:
    client, let_in = Client(), []

    for route in CLOSED:
        path = "/" + re.sub(r"<[^>]+>", "1", route).replace("(?P1.*)$", "x")
        answer = client.get(path)
        if not answer.headers.get("Location", "").startswith(("/login/", "/admin/login/")):
            let_in.append((path, answer.status_code))

    assert let_in == []
    assert client.post("/settings/members/").headers["Location"].startswith("/login/")
