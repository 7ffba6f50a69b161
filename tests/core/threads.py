"""Several calls that start together, each with a database connection of its own."""

import threading
from collections.abc import Callable
from typing import TypeVar

from django.db import connection

from core.errors import AppError

Answer = TypeVar("Answer")


def at_once(calls: list[Callable[[], Answer]]) -> tuple[list[Answer], list[AppError]]:
    """The answers and the refusals; anything else a call raises is missing from both."""
    start = threading.Barrier(len(calls))
    answers: list[Answer] = []
    refusals: list[AppError] = []

    def run(call: Callable[[], Answer]) -> None:
        try:
            start.wait(timeout=30)
            answers.append(call())
        except AppError as refusal:
            refusals.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(answers) + len(refusals) == len(calls)
    return answers, refusals
