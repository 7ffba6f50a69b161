"""Celery tasks: a job's turn, scheduled tasks, and the daily clean-up of old rows."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from celery import current_app, shared_task
from django.conf import settings
from django.core.management import call_command
from django.db.models import QuerySet

from accounts.models import Notice
from core import clock
from core.models import KeptAnswer, RateBucket
from jobs import execution, runners
from jobs.lease_times import KEPT
from jobs.models import Job, ScheduleSlot
from jobs.slots import first_in_slot, slot_of

DAY = timedelta(days=1)
ANSWERS_KEPT = timedelta(days=30)
SLOTS_KEPT = timedelta(days=7)
NOTICES_KEPT = timedelta(days=30)
_BATCH = 1000


@shared_task
def run_job(job_id: str) -> None:
    """Give a job its turn, unless another worker has it or it is done."""
    execution.run_job(job_id)


@shared_task
def send_once(task: str, every_seconds: int) -> None:
    """Send a task unless another scheduler or an earlier delivery did so in the same slot.

    Every entry of the schedule goes through here, so a second beat process does no harm.
    """
    if first_in_slot(task, slot_of(clock.now(), timedelta(seconds=every_seconds))):
        current_app.send_task(task)


@shared_task
def clean_up() -> None:
    """Delete old answers, rate buckets, slots, notifications, jobs, sessions and read messages."""
    now = clock.now()
    delete_in_batches(KeptAnswer.objects.filter(created_at__lt=now - ANSWERS_KEPT))
    delete_in_batches(RateBucket.objects.filter(refilled_at__lt=(now - 2 * DAY).timestamp()))
    delete_in_batches(ScheduleSlot.objects.filter(slot__lt=now - SLOTS_KEPT))
    old = Notice.objects.filter(created_at__lt=now - NOTICES_KEPT)
    delete_in_batches(old.exclude(kind="access", seen_at=None))
    over = Job.objects.exclude(kind__in=runners.kinds_that_stay())
    delete_in_batches(over.filter(finished_at__lt=now - KEPT))
    call_command("clearsessions")
    empty_processed_folder()


def delete_in_batches(rows: QuerySet[Any]) -> int:
    """Delete rows in batches of a thousand, so locks are short; returns the number."""
    total = 0
    while keys := list(rows.values_list("pk", flat=True)[:_BATCH]):
        total += rows.filter(pk__in=keys).delete()[0]
    return total


def empty_processed_folder() -> None:
    """The file transport keeps every message it has read; drop those older than a day."""
    folder = settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("processed_folder")
    if not folder or not Path(folder).is_dir():
        return
    oldest = time.time() - DAY.total_seconds()
    for message in Path(folder).iterdir():
        if message.stat().st_mtime < oldest:
            message.unlink(missing_ok=True)
