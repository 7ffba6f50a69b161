"""The request as views get it: with the person's memberships and the actor of the session."""

from typing import cast

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts import actors
from accounts.models import Membership, User
from core.actor import Actor


class Request(HttpRequest):
    """The type of a request behind the login; `identify` gave it `memberships` and `actor`.

    `memberships` are the person's active ones, oldest first. `actor` acts in the chosen workspace,
    or in the oldest one; reading it raises Forbidden when the person belongs to none.
    """

    user: User
    memberships: list[Membership]
    actor: Actor


def identify(request: HttpRequest) -> Request:
    """Set the request's `memberships` and `actor`, read lazily, once."""
    known = cast("Request", request)
    known.memberships = cast(
        "list[Membership]", SimpleLazyObject(lambda: actors.active_memberships(known.user.pk))
    )
    known.actor = cast(
        "Actor", SimpleLazyObject(lambda: actors.for_session(known.session, known.memberships))
    )
    return known
