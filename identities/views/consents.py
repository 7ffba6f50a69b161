"""To another site's consent page and back: one state and one PKCE verifier for each way there."""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Asked:
    """Request parameters (RFC 6749 4.1.1, RFC 7636 4.2)."""

    state: str
    challenge: str


def ask(request: HttpRequest, key: str, **facts: str) -> Asked:
    """Store the request in the person's session."""
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
    request.session[key] = {"state": state, "verifier": verifier, **facts}
    digest = hashlib.sha256(verifier.encode()).digest()
    return Asked(state, base64.urlsafe_b64encode(digest).rstrip(b"=").decode())


def answered(request: HttpRequest, key: str) -> dict[str, Any] | None:
    """The stored request, once; None if the answer matches none."""
    asked: dict[str, Any] | None = request.session.pop(key, None)
    state = request.GET.get("state", "")
    is_ours = asked and secrets.compare_digest(state.encode(), asked["state"].encode())
    return asked if is_ours else None
