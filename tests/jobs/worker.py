"""A worker whose sample job runs until a file exists: `celery -A tests.jobs.worker worker`.

Its leases are a third of the real ones, which are read when the modules below are imported.
"""

import os
import time
from pathlib import Path

import django

from jobs import lease_times

lease_times.LEASE /= 3
lease_times.BEAT_SECONDS /= 10
django.setup()

from jobs import runners  # noqa: E402 - after setup
from jobs.job_context import Done, Outcome, Running  # noqa: E402
from pathbound_mcp.celery import app  # noqa: E402
from tests.jobs.conftest import KIND  # noqa: E402

__all__ = ["app"]


def _run(running: Running) -> Outcome:
    running.progress(done=1, message=f"In the hands of {os.getpid()}.")
    while not Path(running.payload["file"]).exists():
        time.sleep(0.05)
    return Done({"by": os.getpid()})


runners.register(KIND, _run, "Waiting for a file")
