"""Celery: long jobs and the clock. It only triggers work; rows in the database say what is due."""

import os
import threading
from pathlib import Path
from typing import Any

import structlog
from celery import Celery, bootsteps, signals
from celery.schedules import BaseSchedule, crontab, schedule
from django.conf import settings
from django_structlog.celery.steps import DjangoStructLogInitStep
from kombu.transport import TRANSPORT_ALIASES

log = structlog.get_logger(__name__)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pathbound_mcp.settings")

# A URL names its transport by this table alone.
TRANSPORT_ALIASES["filesystem"] = "pathbound_mcp.file_broker:Transport"

app = Celery("pathbound_mcp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)


def _once(task: str, every_seconds: int, times: BaseSchedule) -> dict[str, Any]:
    return {"task": "jobs.tasks.send_once", "args": (task, every_seconds), "schedule": times}


app.conf.beat_schedule = {
    "expire-actions": _once("approvals.tasks.expire_actions", 60, crontab()),
    "start-agents": _once("agents.tasks.start_due", 30, schedule(30)),
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


class LoopStep(bootsteps.StartStopStep):
    """Runs a loop in a thread beside a worker; an error ends neither the loop nor the worker."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def loop(self, stop: threading.Event) -> None:
        """Go on until `stop` is set."""
        raise NotImplementedError

    def start(self, worker: Any) -> None:
        """Start when the worker starts."""
        self._thread = threading.Thread(target=self._insist, name=str(self.name), daemon=True)
        self._thread.start()

    def stop(self, worker: Any) -> None:
        """End the loop, waiting some seconds for the current step."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def _insist(self) -> None:
        while not self._stop.is_set():
            try:
                self.loop(self._stop)
            except Exception:  # the outermost edge of this thread
                log.exception("loop.failed", loop=self.name)
                self._stop.wait(5)


class DispatchStep(LoopStep):
    """The sending loop, unless DISPATCH_IN_WORKER=0 (jobs-6)."""

    def include_if(self, worker: Any) -> bool:
        """Whether the sending loop has no separate process."""
        return bool(settings.DISPATCH_IN_WORKER)

    def loop(self, stop: threading.Event) -> None:
        """Send due actions."""
        from approvals.sending.loop import run_forever

        run_forever(stop)


class WakeStep(LoopStep):
    """Finds due jobs and notifies the workers."""

    def loop(self, stop: threading.Event) -> None:
        """Look every second."""
        from jobs.poller import run_forever

        run_forever(stop)


app.steps["worker"].add(DispatchStep)
app.steps["worker"].add(WakeStep)


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
