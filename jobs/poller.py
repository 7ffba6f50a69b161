"""Telling workers what is due: a thread beside every worker, once a second.

A request only writes the row, so it answers whether or not the broker does; a lost message, a dead
worker and a job whose time has come are all found here (jobs-1).
"""

import threading
import time

import structlog
from celery import current_app
from django.db import close_old_connections

from core import clock
from jobs.lease_times import POLL_SECONDS
from jobs.services import leases

log = structlog.get_logger(__name__)

RUN_JOB = "jobs.tasks.run_job"


def run_forever(stop: threading.Event) -> None:
    """Look until `stop` is set; a fault of one round does not end the next."""
    while not stop.is_set():
        begun = time.monotonic()
        try:
            wake_due()
        except Exception:  # the outermost edge of this thread: brokers fail in many ways
            log.exception("jobs.round_failed")
        finally:
            close_old_connections()
        stop.wait(max(0.0, POLL_SECONDS - (time.monotonic() - begun)))


def wake_due() -> int:
    """Send one message for each job that is due; returns how many. Raises what the broker does."""
    woken = [job for job in leases.due(clock.now()) if leases.note_woken(job)]
    for job in woken:
        current_app.send_task(RUN_JOB, (str(job.pk),), retry=False)
    return len(woken)
