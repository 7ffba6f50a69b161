"""Requests that wait for a person's answer, kept in the session under a random ticket.

The form has only the ticket, so the request cannot be altered, used by another person, or sent
twice: an answered ticket is deleted.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from core import clock
from oauth.services.authorization_requests import AuthorizationRequest

_KEY = "oauth_requests"
_LIVES_SECONDS = 900
_AT_ONCE = 5


@dataclass(slots=True)
class Pending:
    """A request waiting for an answer; `workspace_id` once the person chose."""

    ticket: str
    user_id: str
    asked: AuthorizationRequest
    workspace_id: str | None = None


def save_request(request: HttpRequest, asked: AuthorizationRequest) -> Pending:
    """Put a request aside under a new ticket; of many open ones the oldest is forgotten."""
    waiting = Pending(secrets.token_urlsafe(24), str(request.user.pk), asked)
    save(request, waiting)
    return waiting


def save(request: HttpRequest, waiting: Pending) -> None:
    """Store the person's choices so far."""
    store: dict[str, Any] = request.session.get(_KEY, {})
    store[waiting.ticket] = {
        "user_id": waiting.user_id,
        "asked": waiting.asked.as_dict(),
        "workspace_id": waiting.workspace_id,
        "until": clock.now().timestamp() + _LIVES_SECONDS,
    }
    request.session[_KEY] = dict(list(store.items())[-_AT_ONCE:])


def find_request(request: HttpRequest, ticket: str) -> Pending | None:
    """The request of this person's ticket, or None when it was deleted or expired."""
    kept = request.session.get(_KEY, {}).get(ticket)
    if kept is None or kept["until"] < clock.now().timestamp():
        return None
    if kept["user_id"] != str(request.user.pk):
        return None
    asked = AuthorizationRequest.restored(kept["asked"])
    return Pending(ticket, kept["user_id"], asked, kept["workspace_id"])


def forget_request(request: HttpRequest, ticket: str) -> None:
    """The request was answered."""
    store = request.session.get(_KEY, {})
    request.session[_KEY] = {key: kept for key, kept in store.items() if key != ticket}
