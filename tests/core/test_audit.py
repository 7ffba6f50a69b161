"""The audit entry of every change, and the change counter that live pages follow."""

import threading
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
import structlog
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import audit, clock
from core.actor import Actor
from core.db import unit
from core.models import AuditEntry, ChangeCounter
from tests import factories
from tests.team import Team
from tests.threads import at_once

pytestmark = pytest.mark.django_db

WRITERS = 4


def test_a_row_says_who_what_where_and_by_which_app(team: Team) -> None:
    with structlog.contextvars.bound_contextvars(request_id="req-1"):
        entry = audit.record(
            team.claude, "test.verb", object_ids={"contact_id": "ct_1"}, fields=["b", "a"]
        )

    kept = AuditEntry.objects.get(pk=entry.pk)
    assert (kept.verb, kept.verdict, kept.fields) == ("test.verb", "done", ["a", "b"])
    assert (kept.actor_name, kept.user_id) == ("Mia", team.claude.user_id)
    assert (kept.client, kept.connection_id) == ("Claude at claude.ai", "conn_1")
    assert kept.object_ids == {"contact_id": "ct_1"}
    assert kept.request_id == "req-1"


def test_names_longer_than_their_column_are_cut(team: Team) -> None:
    client = replace(factories.CLAUDE, name="n" * 300)
    entry = audit.record(replace(team.claude, name="m" * 300, client=client), "test.verb")

    assert len(AuditEntry.objects.get(pk=entry.pk).actor_name) == 200
    assert len(AuditEntry.objects.get(pk=entry.pk).client) == 200


def test_the_system_acts_by_its_jobs_name(team: Team) -> None:
    entry = audit.record(Actor.for_job("approvals.expire", team.member.workspace_id), "test.verb")

    assert (entry.actor_kind, entry.actor_name, entry.user_id) == ("job", "approvals.expire", None)


def test_the_change_counter_of_a_workspace_moves_with_its_own_changes_only(team: Team) -> None:
    assert audit.changes_of(team.member.workspace_id) == 0

    audit.record(team.member, "test.verb")
    audit.record(team.foreign_admin, "test.verb")
    audit.record(team.member, "test.verb")

    assert audit.changes_of(team.member.workspace_id) == 2
    assert audit.changes_of(team.foreign_admin.workspace_id) == 1


@pytest.mark.django_db(transaction=True)
def test_no_beat_is_lost_when_many_come_first(team: Team) -> None:
    at_once([partial(audit.record, team.member, "test.verb")] * 10)

    assert audit.changes_of(team.member.workspace_id) == AuditEntry.objects.count() == 10
    assert ChangeCounter.objects.count() == 1


def test_the_change_counter_never_falls_while_old_rows_are_counted_once(team: Team) -> None:
    place, seen = team.member.workspace_id, []
    for minute in range(9):
        with time_machine.travel(clock.now() + timedelta(minutes=minute), tick=False):
            audit.record(team.member, "test.verb")
            seen.append(audit.changes_of(place))

    assert seen == list(range(1, 10))
    kept = ChangeCounter.objects.get(workspace_id=place)
    assert 4 <= kept.changes < 9


@pytest.mark.django_db(transaction=True)
def test_two_who_count_old_rows_at_once_count_them_once(team: Team) -> None:
    place = team.member.workspace_id
    for minutes in (0, 3, 6):
        with time_machine.travel(clock.now() + timedelta(minutes=minutes), tick=False):
            audit.record(team.member, "test.verb")
            audit.changes_of(place)

    with time_machine.travel(clock.now() + timedelta(minutes=12)):
        answers, _ = at_once([partial(audit.changes_of, place)] * 6)
        assert {*answers, audit.changes_of(place)} == {3}


def test_a_record_touches_no_row_that_another_writer_needs(team: Team) -> None:
    with CaptureQueriesContext(connection) as done:
        audit.record(team.member, "test.verb")

    assert {query["sql"].split()[0] for query in done.captured_queries} == {"INSERT"}


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_writers_of_a_workspace_do_not_wait_for_each_other(team: Team) -> None:
    all_recorded = threading.Barrier(WRITERS)

    def write() -> None:
        with unit():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '1s'")
            audit.record(team.member, "test.verb")
            all_recorded.wait(timeout=60)  # none commits before all have written

    _, refusals = at_once([write] * WRITERS)

    assert refusals == []
    assert audit.changes_of(team.member.workspace_id) == WRITERS
