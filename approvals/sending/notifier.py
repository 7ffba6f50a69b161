"""Notifications are sent in their own thread next to the sending loop, without the broker.

A slow system mail server must not delay approved messages.
"""

import threading
import time

import structlog
from django.db import close_old_connections

from accounts.services import notices
from approvals.attention import digests
from approvals.ledger import expiry

log = structlog.get_logger(__name__)

POLL_SECONDS = 2.0
DIGEST_SECONDS = 60.0


def start(stop: threading.Event) -> threading.Thread:
    """Start the thread; it ends soon after `stop` is set."""
    thread = threading.Thread(target=run_forever, args=(stop,), name="notifier", daemon=True)
    thread.start()
    return thread


def run_forever(stop: threading.Event) -> None:
    """Send notifications until `stop` is set."""
    digested = -DIGEST_SECONDS
    while not stop.is_set():
        try:
            if time.monotonic() - digested >= DIGEST_SECONDS:
                digested = time.monotonic()
                digests.post_due()
                expiry.remind_due()
            notices.send_due()
        except Exception:  # the outermost handler of this thread: the next round must come
            log.exception("notifier.failed")
        finally:
            close_old_connections()
        stop.wait(POLL_SECONDS)
