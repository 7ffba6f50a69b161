"""What the pages of agents share: asking an operation, and saying what became of it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.html import format_html

from approvals import links
from core import operations
from core.actor import Actor
from core.errors import AppError


def ask(actor: Actor, op: str, /, **data: Any) -> dict[str, Any]:
    """The answer of an operation of this app; raises AppError."""
    return operations.submit(actor, operations.get(f"agents.{op}"), data)


def may(actor: Actor, name: str) -> None:
    """Raise Forbidden unless the actor may ask for it: before a form is shown for nothing."""
    operations.authorise(actor, operations.get(f"agents.{name}"))


def tell(request: HttpRequest, answer: dict[str, Any], done: str) -> None:
    """Say what became of a change: done, nothing new, or waiting for an admin on its card."""
    if answer["status"] == "executed":
        messages.success(request, done)
    elif answer["status"] == "noop" and not answer.get("action_id"):
        messages.info(request, "Nothing was changed: it is like that already.")
    elif answer.get("action_id"):
        messages.warning(
            request,
            format_html(
                'An admin decides about this change. <a href="{}">It waits in the queue</a>.',
                links.path(answer["action_id"]),
            ),
        )
    else:
        messages.error(request, str(answer.get("why") or "This was refused."))


def refuse(request: HttpRequest, refusal: AppError) -> None:
    """Say why something was not done."""
    messages.error(request, refusal.words)
