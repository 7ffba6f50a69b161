"""Celery: long jobs and the clock. It only wakes work up; rows in the database say what is due."""

import os
import threading
from pathlib import Path
from typing import Any

import structlog
from celery import Celery, bootsteps, signals
from celery.schedules import BaseSchedule, crontab, schedule
from django.conf import settings
from django_structlog.celery.steps import DjangoStructLogInitStep

log = structlog.get_logger(__name__)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pathbound_mcp.settings")

app = Celery("pathbound_mcp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)


def _once(task: str, every_seconds: int, times: BaseSchedule) -> dict[str, Any]:
    return {"task": "jobs.tasks.fire", "args": (task, every_seconds), "schedule": times}


app.conf.beat_schedule = {
    "expire-actions": _once("approvals.tasks.expire_actions", 60, crontab()),
    "read-mailboxes": _once("identities.tasks.read_mailboxes", 60, crontab()),
    "refresh-rollups": _once("crm.tasks.refresh_rollups", 60, crontab()),
    "refresh-segments": _once("crm.tasks.refresh_segments", 30, schedule(30)),
    "work-out-segments": _once(
        "crm.tasks.work_out_segments", 86400, crontab(hour="2", minute="53")
    ),
    "clean-up-event-keys": _once(
        "crm.tasks.clean_up_event_keys", 86400, crontab(hour="3", minute="41")
    ),
    "clean-up-oauth": _once("oauth.tasks.clean_up", 3600, crontab(minute="7")),
    "erase-deleted": _once("crm.tasks.erase_deleted", 3600, crontab(minute="37")),
    "verify-audit": _once("accounts.tasks.verify_audit", 86400, crontab(hour="4", minute="17")),
    "clean-up-kernel": _once("jobs.tasks.clean_up", 86400, crontab(hour="3", minute="23")),
}


class DispatchStep(bootsteps.StartStopStep):
    """Runs the sending loop beside a worker, unless DISPATCH_IN_WORKER=0 (rules 10)."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, worker: Any) -> None:
        """Begin when the worker begins."""
        if settings.DISPATCH_IN_WORKER:
            self._thread = threading.Thread(target=self._dispatch, name="dispatch", daemon=True)
            self._thread.start()

    def stop(self, worker: Any) -> None:
        """End the loop and give what it is sending some seconds."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def _dispatch(self) -> None:
        from approvals.dispatch.loop import run_forever

        while not self._stop.is_set():
            try:
                run_forever(self._stop)
            except Exception:  # the outermost edge of this thread
                log.exception("dispatch.failed")
                self._stop.wait(5)


app.steps["worker"].add(DispatchStep)


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
