"""Celery: long jobs and the clock. It only wakes work up; rows in the database say what is due."""

from pathlib import Path
from typing import Any

from celery import Celery, signals
from celery.schedules import crontab
from django_structlog.celery.steps import DjangoStructLogInitStep

app = Celery("pathbound_mcp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)

app.conf.beat_schedule = {
    "expire-actions": {"task": "approvals.tasks.expire_actions", "schedule": crontab()},
    "clean-up-oauth": {"task": "oauth.tasks.clean_up", "schedule": crontab(minute="7")},
    "clean-up-kernel": {"task": "jobs.tasks.clean_up", "schedule": crontab(hour="3", minute="23")},
}


@app.on_after_finalize.connect
def make_broker_folders(**_: Any) -> None:
    """The file transport expects its folders to be there."""
    options = app.conf.broker_transport_options
    for name in ("data_folder_in", "data_folder_out", "control_folder", "processed_folder"):
        if name in options:
            Path(options[name]).mkdir(parents=True, exist_ok=True, mode=0o700)


@signals.setup_logging.connect
def keep_logging(**_: Any) -> None:
    """Django's LOGGING stays in force: a receiver here keeps Celery from installing its own."""
