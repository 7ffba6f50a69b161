"""Notifying workers of due jobs: a thread in every worker process, once a second.

A request only writes the row, so it answers whether or not the broker does; lost messages, dead
workers and jobs that become due are all found here (jobs-1).
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
    """Poll until `stop` is set; an error in one round does not affect the next."""
    while not stop.is_set():
        begun = time.monotonic()
        try:
            wake_due()
        except Exception:  # the outermost handler of this thread: brokers fail in many ways
            log.exception("jobs.round_failed")
        finally:
            close_old_connections()
        stop.wait(max(0.0, POLL_SECONDS - (time.monotonic() - begun)))


def wake_due() -> int:
    """Send one message for each due job; returns the number. Raises the broker's errors."""
    woken = [job for job in leases.due(clock.now()) if leases.note_woken(job)]
    for job in woken:
        current_app.send_task(RUN_JOB, (str(job.pk),), retry=False)
    return len(woken)
