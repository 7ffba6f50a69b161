"""A scheduled task fires once per slot, despite several schedulers and redeliveries (jobs-2)."""

from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction

from jobs.models import ScheduleSlot


def slot_of(moment: datetime, every: timedelta) -> datetime:
    """The beginning of the slot that `moment` is in; slots are counted from 1970 in UTC."""
    seconds = every.total_seconds()
    return datetime.fromtimestamp(moment.timestamp() // seconds * seconds, UTC)


def first_in_slot(task: str, slot: datetime) -> bool:
    """Whether the caller is the first for this slot."""
    try:
        with transaction.atomic():
            ScheduleSlot.objects.create(task=task, slot=slot)
    except IntegrityError:
        return False
    return True
