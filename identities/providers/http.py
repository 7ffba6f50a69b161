"""Asking a provider's JSON API one question, at the base URL the operator named."""

import json
from typing import Any

from core import net
from core.errors import Unavailable
from identities.models import Channel

USER_AGENT = "pathbound_mcp"


class Denied(Exception):
    """The provider refused the secret; `sentence` is our text."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def token_of(channel: Channel) -> str:
    """A connection's token; raises Denied without one, Unavailable when no key opens it."""
    token = channel.opened().get("token")
    if not token:
        raise Denied("No token is stored.")
    return token


def request_json(
    url: str,
    token: str,
    *,
    method: str = "GET",
    params: dict[str, str] | None = None,
    body: dict[str, Any] | None = None,
) -> tuple[int, dict[str, Any]]:
    """Status and JSON object of the answer; {} for any other body. A `body` is posted.

    Raises Unavailable when it does not answer, is busy (429) or broken (5xx).
    """
    headers = {"Authorization": f"Bearer {token}", "User-Agent": USER_AGENT}
    with net.client(trust=net.Trust.OPERATOR) as http:
        verb = method if body is None else "POST"
        answer = http.request(verb, url, headers=headers, params=params, json=body)
    if answer.status_code == 429 or answer.status_code >= 500:
        raise Unavailable(
            "The provider is temporarily unavailable.", hint="Try again in a few minutes."
        )
    try:
        found = json.loads(answer.content)
    except ValueError:
        found = {}
    return answer.status_code, found if isinstance(found, dict) else {}
