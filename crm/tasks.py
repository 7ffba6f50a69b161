"""The rollup, segments, the ingest's keys and erasing as Celery tasks; the schedule is beat's."""

from datetime import timedelta

from celery import shared_task

from core import clock
from core.actor import Actor
from crm.membership import recompute
from crm.models import EventKey
from crm.services import erasure, rollups, segments
from jobs.tasks import delete_in_batches

KEYS_KEPT = timedelta(days=35)


@shared_task
def refresh_rollups() -> int:
    """Count every dirty bucket again; returns how many."""
    return sum(
        rollups.refresh(Actor.for_job("crm.rollups", workspace))
        for workspace in rollups.workspaces_to_refresh()
    )


@shared_task
def clean_up_event_keys() -> int:
    """Delete clients' event keys after 35 days (data-5); returns their number."""
    return delete_in_batches(EventKey.objects.filter(created_at__lt=clock.now() - KEYS_KEPT))


@shared_task
def erase_deleted() -> int:
    """Erase records deleted 30 days ago (data-12); returns their number."""
    return erasure.erase_due()


@shared_task
def refresh_segments() -> int:
    """Bring the members of every segment up to date; returns how many came or went."""
    return sum(
        recompute.refresh(Actor.for_job("crm.segments", workspace))
        for workspace in recompute.workspaces()
    )


@shared_task
def work_out_segments() -> None:
    """Nightly: recalculate every segment, and drop those deleted 30 days ago (data-8)."""
    segments.forget_deleted()
    for workspace in recompute.workspaces():
        recompute.mark_stale(Actor.for_job("crm.segments", workspace))
