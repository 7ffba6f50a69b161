"""Sending needs the database and nothing else."""

import socket
import time
from pathlib import Path

import httpx
import pytest

from tests.e2e.server import installation
from tests.e2e.test_main_job import approve_in_page, assistant_of, draft
from tests.mail import wait_until

pytestmark = pytest.mark.slow


def test_with_the_broker_at_a_closed_port_an_approved_mail_still_leaves(tmp_path: Path) -> None:
    with installation(tmp_path, REDIS_URL="redis://127.0.0.1:9/0") as acme:
        claude = assistant_of(acme, "mia")
        queued = draft(acme, claude, "ana")

        approve_in_page(acme.person("rex"), queued["review_url"])
        approved_at = time.monotonic()
        wait_until(lambda: len(acme.sink.received()) == 1, "the mail leaves", 5 * 5 + 1)

        # The undo window here is 1 s and the promise 5 s after it; tests allow five times that.
        assert time.monotonic() - approved_at < 1 + 5 * 5


@pytest.mark.parametrize("broker", ["closed", "hung"])
def test_starting_a_job_answers_at_once_whatever_the_broker_does(
    tmp_path: Path, broker: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1] if broker == "hung" else 9
        provider = {"UNIPILE_API_URL": "http://127.0.0.1:9", "UNIPILE_API_KEY": "unipile-standin"}
        redis = f"redis://127.0.0.1:{port}/0"
        with installation(tmp_path, REDIS_URL=redis, **provider) as acme:
            made = acme.run(
                "from tests.api.conftest import key_of; from accounts.models import Membership;"
                "print(key_of(Membership.objects.get(role='admin', workspace__slug='acme')))"
            )
            key = made.split()[-1]
            path = f"/v1/identities/{acme.seeded['sender']}/linkedin/login"
            headers = {"authorization": f"Bearer {key}"}
            with httpx.Client(base_url=acme.base_url, headers=headers, timeout=30) as client:
                client.get("/v1/auth/status")  # the first request of a process is no usual one

                began = time.monotonic()
                answer = client.post(path, json={})
                took = time.monotonic() - began

                assert answer.status_code == 202, answer.text
                assert took < 5 * 0.2
                shown = client.get(f"/v1/jobs/{answer.json()['job_id']}").json()["job"]
                assert shown["status"] == "queued"
