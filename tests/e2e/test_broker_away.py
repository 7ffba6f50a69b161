"""Sending needs the database and nothing else."""

import time
from pathlib import Path

from tests.e2e.server import installation
from tests.e2e.test_main_job import approve_in_page, assistant_of, draft
from tests.mail import wait_until


def test_with_the_broker_at_a_closed_port_an_approved_mail_still_leaves(tmp_path: Path) -> None:
    with installation(tmp_path, REDIS_URL="redis://127.0.0.1:9/0") as acme:
        claude = assistant_of(acme, "mia")
        queued = draft(acme, claude, "ana")

        approve_in_page(acme.person("rex"), queued["review_url"])
        approved_at = time.monotonic()
        wait_until(lambda: len(acme.sink.received()) == 1, "the mail leaves", 5 * 5 + 1)

        # The undo window here is 1 s and the promise 5 s after it; tests allow five times that.
        assert time.monotonic() - approved_at < 1 + 5 * 5
