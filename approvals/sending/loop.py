"""The loop: every second, in its own process or in a worker's thread."""

import os
import socket
import threading
import time

import structlog
from django.db import DatabaseError, close_old_connections

from approvals.sending import claim, notifier
from approvals.sending.deliver import LeaseLost, deliver
from core import clock_skew, seals
from core.errors import AppError

log = structlog.get_logger(__name__)

POLL_SECONDS = 1.0


def run_forever(stop: threading.Event) -> None:
    """Send due actions until `stop` is set; an error in one round does not affect the next."""
    worker = f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"
    log.info("dispatch.started", worker=worker)
    beside = notifier.start(stop)
    while not stop.is_set():
        begun = time.monotonic()
        try:
            busy = run_on_time(worker)
        except (DatabaseError, AppError):
            log.exception("dispatch.round_failed")
            busy = 0
        finally:
            close_old_connections()
        if not busy:
            stop.wait(max(0.0, POLL_SECONDS - (time.monotonic() - begun)))
    _seal()
    beside.join(timeout=5)
    log.info("dispatch.stopped", worker=worker)


def run_on_time(worker: str) -> int:
    """One round, unless this machine's clock differs from the database's."""
    if clock_skew.is_right():
        return run_once(worker)
    log.error("dispatch.clock_is_wrong", seconds_off=round(clock_skew.seconds_off(), 1))
    return 0


def run_once(worker: str) -> int:
    """One round: settle abandoned actions, then do due ones; returns the number claimed.

    The audit log is sealed before each send, so a slow send delays only rows written meanwhile;
    rows of the last send are sealed by the next round, which follows at once.
    """
    claim.recover_abandoned()
    _seal()
    taken = 0
    for action in claim.due():
        if taken:
            _seal()
        if not claim.claim(action, worker):
            continue
        taken += 1
        try:
            deliver(action, worker)
        except LeaseLost:
            log.warning("dispatch.lease_lost", action=str(action.pk))
        except Exception:  # the outermost handler of one action: the next ones must still go out
            log.exception("dispatch.action_failed", action=str(action.pk))
    return taken


def _seal() -> None:
    """Seal the new audit rows; an error there does not delay messages."""
    try:
        seals.seal_waiting()
    except (DatabaseError, AppError):
        log.exception("audit.not_sealed")
