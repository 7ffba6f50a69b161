"""Several calls that start together, each in a thread with its own database connection."""

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import connections

from core.errors import AppError

Answer = TypeVar("Answer")
HANGS_AFTER_SECONDS = 120


def outcomes(calls: Sequence[Callable[[], Answer]]) -> list[Answer | AppError]:
    """What each call returned, or the AppError it raised, in the order of `calls`.

    Fails when a call raises anything else or does not end.
    """
    start = threading.Barrier(len(calls))
    ended: dict[int, Answer | AppError] = {}

    def run(number: int) -> None:
        try:
            start.wait(timeout=HANGS_AFTER_SECONDS)
            ended[number] = calls[number]()
        except AppError as refusal:
            ended[number] = refusal
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=HANGS_AFTER_SECONDS)
    assert len(ended) == len(calls)
    return [ended[number] for number in range(len(calls))]


def at_once(calls: Sequence[Callable[[], Answer]]) -> tuple[list[Answer], list[AppError]]:
    """The same, answers and refusals apart."""
    ended = outcomes(calls)
    refusals = [one for one in ended if isinstance(one, AppError)]
    return [one for one in ended if not isinstance(one, AppError)], refusals


def verdicts(*calls: Callable[[], object]) -> list[str]:
    """The same as words: "done", or the code of the refusal, in the order of `calls`."""
    return [one.code if isinstance(one, AppError) else "done" for one in outcomes(calls)]
