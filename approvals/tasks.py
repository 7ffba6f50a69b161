"""Celery's side of the ledger: schedules only. Sending is the dispatch loop's."""

from celery import shared_task

from approvals.ledger import expiry


@shared_task(name="approvals.tasks.expire_actions")
def expire_actions() -> None:
    """Expire actions that were not decided in time."""
    expiry.expire_due()
