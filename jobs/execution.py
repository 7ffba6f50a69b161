"""One turn of a job: claim it, call its runner with a heartbeat, record the result."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from django.db import DatabaseError, close_old_connections, connection

from core.errors import AppError
from jobs import runners
from jobs.job_context import Ended, LeaseLost, Running
from jobs.lease_times import BEAT_SECONDS
from jobs.services import leases

log = structlog.get_logger(__name__)

FAULT = Ended("unavailable", "Something went wrong. The server log has the details.")


def run_job(job_id: str) -> bool:
    """Give a job its turn; false when it cannot be claimed."""
    running = leases.claim(job_id)
    if running is None:
        return False
    facts = {"job_id": running.id, "kind": running.kind}
    with structlog.contextvars.bound_contextvars(**facts), _heartbeat(running):
        _run_attempt(running)
    return True


def _run_attempt(running: Running) -> None:
    try:
        leases.finish(running, runners.runner_of(running.kind).run(running))
    except LeaseLost:
        log.info("job.lost")
    except AppError as error:
        refusal = error
        _last_word(lambda: leases.refuse(running, refusal))
    except Exception:  # the outermost handler of one job: its owner must learn that it ended
        log.exception("job.failed")
        _last_word(lambda: leases.finish(running, FAULT))


def _last_word(write: Callable[[], None]) -> None:
    try:
        write()
    except LeaseLost:
        log.info("job.lost")


@contextmanager
def _heartbeat(running: Running) -> Iterator[None]:
    """Extend the lease while the block runs, even during a long call."""
    stop = threading.Event()
    thread = threading.Thread(
        target=_renew_lease, args=(running, stop), name="heartbeat", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _renew_lease(running: Running, stop: threading.Event) -> None:
    try:
        while not stop.wait(BEAT_SECONDS):
            try:
                if not leases.extend(running):
                    return
            except DatabaseError:  # the next one may succeed before the lease ends
                log.warning("job.beat_failed", job_id=running.id)
                close_old_connections()
    finally:
        connection.close()
