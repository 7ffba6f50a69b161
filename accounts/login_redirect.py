"""Where a person lands after logging in: the queue, or a question an upper app has first."""

from collections.abc import Callable

from django.http import HttpRequest
from django.urls import reverse

from accounts.http import identify
from core.hooks import Hook

# Called with the ids of person and workspace; returns the name of a page, or an empty string.
QUESTIONS = Hook[Callable[[str, str], str]]()


def page_for(request: HttpRequest) -> str:
    """The URL of the first page after login."""
    known = identify(request)  # again: the login changed who it is
    if known.memberships:
        for question in QUESTIONS:
            name = question(str(known.actor.user_id), known.actor.workspace_id)
            if name:
                return reverse(name)
    return reverse("queue")
