"""Celery's side of agents: the schedule. Runs are jobs (jobs.tasks)."""

from celery import shared_task

from agents.services import scheduling


@shared_task(name="agents.tasks.start_due")
def start_due() -> None:
    """Start the runs whose time has come."""
    scheduling.start_due()
