"""Where a person lands after logging in: the queue, or a question an upper app has first."""

from collections.abc import Callable

from django.http import HttpRequest
from django.urls import reverse

from accounts.http import identify

# Takes the ids of person and workspace; returns the name of a page, or nothing.
Question = Callable[[str, str], str]

_questions: list[Question] = []


def ask_first(question: Question) -> None:
    """Called when the project starts by an app that may have something to ask."""
    if question not in _questions:
        _questions.append(question)


def page_for(request: HttpRequest) -> str:
    """The address of the first page of somebody who has just logged in."""
    known = identify(request)  # again: the login changed who it is
    if known.memberships:
        for question in _questions:
            name = question(str(known.actor.user_id), known.actor.workspace_id)
            if name:
                return reverse(name)
    return reverse("queue")
