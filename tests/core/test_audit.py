"""The log beside every change, and the pulse live pages listen to."""

from dataclasses import replace
from functools import partial

import pytest
import structlog

from core import audit
from core.actor import Actor
from core.models import AuditEntry, Pulse
from tests import factories
from tests.core.conftest import Desk
from tests.core.threads import at_once

pytestmark = pytest.mark.django_db


def test_a_row_says_who_what_where_and_by_which_app(desk: Desk) -> None:
    with structlog.contextvars.bound_contextvars(request_id="req-1"):
        entry = audit.record(
            desk.claude, "test.verb", object_ids={"contact_id": "ct_1"}, fields=["b", "a"]
        )

    kept = AuditEntry.objects.get(pk=entry.pk)
    assert (kept.verb, kept.verdict, kept.fields) == ("test.verb", "done", ["a", "b"])
    assert (kept.actor_name, kept.user_id) == ("Mia", desk.claude.user_id)
    assert (kept.client, kept.connection_id) == ("Claude at claude.ai", "conn_1")
    assert kept.object_ids == {"contact_id": "ct_1"}
    assert kept.request_id == "req-1"


def test_names_longer_than_their_column_are_cut(desk: Desk) -> None:
    client = replace(factories.CLAUDE, name="n" * 300)
    entry = audit.record(replace(desk.claude, name="m" * 300, client=client), "test.verb")

    assert len(AuditEntry.objects.get(pk=entry.pk).actor_name) == 200
    assert len(AuditEntry.objects.get(pk=entry.pk).client) == 200


def test_the_system_acts_by_its_jobs_name(desk: Desk) -> None:
    entry = audit.record(Actor.for_job("approvals.expire", desk.mia.workspace_id), "test.verb")

    assert (entry.actor_kind, entry.actor_name, entry.user_id) == ("job", "approvals.expire", None)


def test_the_pulse_of_a_workspace_moves_with_its_own_changes_only(desk: Desk) -> None:
    assert audit.pulse_of(desk.mia.workspace_id) == 0

    audit.record(desk.mia, "test.verb")
    audit.record(desk.gil, "test.verb")
    audit.record(desk.mia, "test.verb")

    assert audit.pulse_of(desk.mia.workspace_id) == 2
    assert audit.pulse_of(desk.gil.workspace_id) == 1


@pytest.mark.django_db(transaction=True)
def test_no_beat_is_lost_when_many_come_first(desk: Desk) -> None:
    at_once([partial(audit.record, desk.mia, "test.verb")] * 10)

    assert audit.pulse_of(desk.mia.workspace_id) == AuditEntry.objects.count() == 10
    assert Pulse.objects.count() == 1
