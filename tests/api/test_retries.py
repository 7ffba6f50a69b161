"""A retry that comes while the first request still runs."""

import threading

import pytest
from django.db import connection, transaction

from accounts.services import api_keys
from core import idempotency
from core.access import Role
from core.operations import Proposal
from crm.models import Note
from tests import factories
from tests.api.conftest import Caller, key_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="there the second waits for the first and gets its answer"
)
def test_a_retry_beside_the_running_first_request_is_409_and_may_be_repeated() -> None:
    place = factories.workspace()
    mia = factories.member(place, "Mia", Role.MEMBER)
    ana = factories.contact(place)
    key = key_of(mia)
    found = api_keys.identify(key)
    assert found is not None
    data = {"contact_id": str(ana.pk), "content": "Hi"}
    claimed, answered = threading.Event(), threading.Event()

    def first_request() -> None:
        try:
            with transaction.atomic():
                operation = "crm.contact.note.create"
                idempotency.claim(found.actor, operation, "a", data, Proposal())
                claimed.set()
                answered.wait(timeout=30)
                transaction.set_rollback(True)
        finally:
            connection.close()

    thread = threading.Thread(target=first_request)
    thread.start()
    assert claimed.wait(timeout=30)
    path, headers = f"/contacts/{ana.pk}/notes", {"idempotency-key": "a"}
    beside = Caller(key)("post", path, {"content": "Hi"}, **headers)
    answered.set()
    thread.join(timeout=30)

    assert beside.status_code == 409
    assert beside.json()["retryable"] is True
    assert not Note.objects.exists()
    assert Caller(key)("post", path, {"content": "Hi"}, **headers).status_code == 201
