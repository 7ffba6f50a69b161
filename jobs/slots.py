"""A scheduled task fires once a slot, however many clocks and redeliveries there are (rules 10)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import ParamSpec

from django.db import IntegrityError, transaction

from core import clock
from jobs.models import ScheduleSlot

P = ParamSpec("P")


def once_per_slot(every: timedelta) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Let the first call in each `every` through and drop the others; put it below `@shared_task`.

    A call that fails has used its slot: the work is found again from rows in the next one.
    """

    def decorate(task: Callable[P, None]) -> Callable[P, None]:
        name = f"{task.__module__}.{task.__qualname__}"

        @wraps(task)
        def fire(*args: P.args, **kwargs: P.kwargs) -> None:
            if claim(name, slot_of(clock.now(), every)):
                task(*args, **kwargs)

        return fire

    return decorate


def slot_of(moment: datetime, every: timedelta) -> datetime:
    """The beginning of the slot that `moment` is in; slots are counted from 1970 in UTC."""
    seconds = every.total_seconds()
    return datetime.fromtimestamp(moment.timestamp() // seconds * seconds, UTC)


def claim(task: str, slot: datetime) -> bool:
    """Whether the caller is the first for this slot."""
    try:
        with transaction.atomic():
            ScheduleSlot.objects.create(task=task, slot=slot)
    except IntegrityError:
        return False
    return True
