"""Messages shared by the pages of agents."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.html import format_html

from approvals import links
from core.errors import AppError
from core.outcomes import Outcome, Verdict


def show_result(request: HttpRequest, answer: Outcome[Any], done: str) -> None:
    """Show the result of a change: done, unchanged, or waiting for an admin on its card."""
    if answer.status == Verdict.EXECUTED:
        messages.success(request, done)
    elif answer.status == Verdict.NOOP and not answer.action_id:
        messages.info(request, "No change: the agent already has these settings.")
    elif answer.action_id:
        messages.warning(
            request,
            format_html(
                'An admin must approve this change. <a href="{}">It waits in the queue</a>.',
                links.path(answer.action_id),
            ),
        )
    else:
        messages.error(request, answer.why or "This was refused.")


def refuse(request: HttpRequest, refusal: AppError) -> None:
    """Show an error."""
    messages.error(request, refusal.words)
