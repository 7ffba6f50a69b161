"""Functions that tests call inside an installation, by its helper process."""

import contextlib
import io
import threading
from datetime import timedelta

from celery import current_app
from django.core.management import call_command
from django.test import Client
from kombu.exceptions import KombuError, OperationalError

from accounts.models import User, Workspace
from core import clock
from identities.models import Identity
from jobs import execution
from jobs.models import Job
from jobs.models.job import OPEN
from tests import empty_database, factories


def migrate() -> None:
    """Migrate the kept empty database and make its guards; keep one if there is none."""
    call_command("migrate", verbosity=0)
    empty_database.keep()


def session(email: str, *, fresh: bool = False) -> str:
    """The cookie of a logged-in person; `fresh`: with a fresh login."""
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(User.objects.get(email=email))
    if fresh:
        answer = client.post("/settings/password/", {"password": factories.PASSWORD})
        assert answer.status_code == 302
    return client.cookies["session"].value


def api_key(user: str, *scopes: str, role: str = "member") -> str:
    """A key of Acme."""
    said = io.StringIO()
    call_command(
        "create_api_key",
        workspace="acme",
        user=user,
        scopes=",".join(scopes),
        role=role,
        stdout=said,
    )
    return said.getvalue().split()[-1]


def add_sender(slug: str) -> str:
    """The id of a new sender of a workspace, without a channel."""
    place = Workspace.objects.get(slug=slug)
    row = Identity.objects.create(workspace=place, first_name="Lin", created_at=clock.now())
    return str(row.pk)


def work() -> None:
    """Run every open job once, the oldest first, as a worker would."""
    waiting = Job.objects.filter(status__in=OPEN).order_by("created_at")
    for job_id in list(waiting.values_list("pk", flat=True)):
        execution.run_job(str(job_id))


def turn(job_id: str) -> bool:
    """Run a job as a worker, if it is due."""
    return execution.run_job(job_id)


def job(job_id: str) -> dict[str, str | None]:
    """A job's progress, and when a worker was notified of it."""
    row = Job.objects.get(pk=job_id)
    woken_at = row.woken_at.isoformat() if row.woken_at else None
    return {"status": row.status, "woken_at": woken_at}


def end_lease(job_id: str) -> None:
    """As if the time had passed that a silent worker, and a message to one, is believed."""
    past = clock.now() - timedelta(hours=1)
    assert Job.objects.filter(pk=job_id).update(lease_until=past, woken_at=past) == 1


def tell_a_worker() -> None:
    """Send a message to the broker, without waiting for the result."""

    def send() -> None:
        with contextlib.suppress(KombuError, OperationalError, OSError):
            current_app.send_task("nothing", retry=False)

    threading.Thread(target=send, daemon=True).start()
