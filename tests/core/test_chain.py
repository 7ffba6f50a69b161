"""The audit log's chain: changed, removed and moved entries are found."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.models import Workspace
from core import audit, chain, clock, ddl, seals
from core.access import Role
from core.actor import Actor, ActorKind, Surface
from core.models import AuditEntry, AuditSeal, ChainCheck, UnsealedEntry
from tests.team import Team
from tests.threads import at_once

pytestmark = pytest.mark.django_db


@contextmanager
def guards_lifted() -> Iterator[None]:
    """What an attacker with the database password can do: drop the triggers, then restore them."""
    with connection.cursor() as cursor:
        for guard in ddl.declared(connection):
            if guard.table in ddl.APPEND_ONLY:
                drop = next(line for line in guard.sql if line.startswith("DROP TRIGGER"))
                cursor.execute(drop)
        yield
        # PostgreSQL makes no trigger while the checks of changed rows are still to come.
        connection.check_constraints()
    ddl.apply()


def sql(statement: str, *values: Any) -> None:
    """One statement around the ORM; it must touch exactly one row."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount == 1


def written(team: Team, count: int = 5) -> list[AuditEntry]:
    """Sealed rows of Acme, and some of Globex."""
    entries = []
    for number in range(count):
        entries.append(
            audit.record(
                team.member, f"test.verb{number}", object_ids={"contact_id": str(team.ana.pk)}
            )
        )
        audit.record(team.foreign_admin, "test.elsewhere")
    seals.seal_waiting()
    return entries


def raw(pk: str | None) -> Any:
    """An id as the column holds it."""
    return AuditEntry._meta.pk.get_db_prep_value(pk, connection)


def operator() -> Actor:
    return Actor(
        workspace_id="",
        kind=ActorKind.PERSON,
        surface=Surface.SYSTEM,
        role=Role.ADMIN,
        name="Olga",
    )


def test_rows_get_numbers_and_hashes_in_the_order_they_were_written(team: Team) -> None:
    entries = written(team)

    mine = AuditSeal.objects.filter(workspace_id=team.member.workspace_id).order_by("number")
    assert [(seal.number, seal.entry_id) for seal in mine] == [
        (number, entry.pk) for number, entry in enumerate(entries, start=1)
    ]
    assert [seal.previous for seal in mine] == [seals.START, *(s.digest for s in mine)][:5]
    assert not UnsealedEntry.objects.exists()
    assert chain.verify(team.member.workspace_id).fault == ""
    assert chain.verify(team.foreign_admin.workspace_id).rows == 5


def test_the_hash_is_the_same_on_every_database() -> None:
    moment = clock.now().replace(year=2026, month=1, day=2, hour=3, minute=4, second=5)
    moment = moment.replace(microsecond=6)
    entry = AuditEntry(
        id="aud_01jd0000000000000000000000",
        workspace_id="ws_01jd0000000000000000000000",
        at=moment,
        actor_kind="person",
        actor_name="Zoë",
        surface="dashboard",
        verb="test.verb",
        verdict="done",
        object_ids={"b": "2", "a": "1"},
        fields=["x"],
    )

    digest = seals.digest_of(entry, 1, seals.START, moment)

    assert digest == "e076460b4bab8e0e203f487b13a2fd1e71418f48b54a4c5c69eedea1de8d06bf"


def test_what_waits_longer_than_a_batch_is_sealed_by_the_next_round(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seals, "BATCH", 2)
    for _ in range(5):
        audit.record(team.member, "test.verb")

    assert [seals.seal_waiting() for _ in range(4)] == [2, 2, 1, 0]
    assert chain.verify(team.member.workspace_id).rows == 5


def test_operators_rows_have_a_chain_of_their_own(team: Team) -> None:
    written(team, 2)
    for _ in range(3):
        audit.record(operator(), "test.operated")
    seals.seal_waiting()

    report = chain.verify(None)
    assert (report.rows, report.fault) == (3, "")
    assert None in chain.chains()

    first = AuditEntry.objects.filter(workspace_id=None).order_by("pk").first()
    assert first is not None
    with guards_lifted():
        sql("UPDATE core_auditentry SET verb = 'x' WHERE id = %s", raw(first.pk))
    assert chain.verify(None).fault == f"Row 1, {first.pk}, was changed after it was sealed."
    assert chain.verify(team.member.workspace_id).fault == ""


CHANGES: dict[str, Any] = {
    "verb": "other",
    "verdict": "refused",
    "actor_name": "Gil",
    "client": "x",
    "object_ids": "{}",
    "fields": '["y"]',
    "request_id": "r",
    "surface": "mcp",
}


@pytest.mark.parametrize("column", CHANGES)
def test_a_changed_row_is_found(team: Team, column: str) -> None:
    entries = written(team)
    with guards_lifted():
        sql(
            f"UPDATE core_auditentry SET {column} = %s WHERE id = %s",  # noqa: S608
            CHANGES[column],
            raw(entries[2].pk),
        )

    report = chain.verify(team.member.workspace_id)

    assert report.fault == f"Row 3, {entries[2].pk}, was changed after it was sealed."
    assert report.rows == 2


def test_a_changed_moment_is_found(team: Team) -> None:
    entries = written(team)
    with guards_lifted():
        sql(
            "UPDATE core_auditentry SET at = %s WHERE id = %s",
            connection.ops.adapt_datetimefield_value(entries[1].at - timedelta(microseconds=1)),
            raw(entries[1].pk),
        )

    assert chain.verify(team.member.workspace_id).fault.startswith("Row 2, ")


def test_a_row_moved_to_another_workspace_is_found(team: Team) -> None:
    entries = written(team)
    with guards_lifted():
        sql(
            "UPDATE core_auditentry SET workspace_id = %s WHERE id = %s",
            AuditEntry._meta.get_field("workspace_id").get_db_prep_value(
                team.foreign_admin.workspace_id, connection
            ),
            raw(entries[1].pk),
        )

    assert chain.verify(team.member.workspace_id).fault.startswith("Row 2, ")


def test_a_removed_row_is_found(team: Team) -> None:
    entries = written(team)
    with guards_lifted():
        sql("DELETE FROM core_auditentry WHERE id = %s", raw(entries[3].pk))

    assert (
        chain.verify(team.member.workspace_id).fault
        == f"Row 4 of the chain, {entries[3].pk}, was deleted."
    )


@pytest.mark.parametrize(("number", "fault"), [(1, "Row 1 of"), (3, "Row 3 of")])
def test_a_row_removed_with_its_seal_is_found(team: Team, number: int, fault: str) -> None:
    entries = written(team)
    with guards_lifted():
        sql("DELETE FROM core_auditseal WHERE entry_id = %s", raw(entries[number - 1].pk))
        sql("DELETE FROM core_auditentry WHERE id = %s", raw(entries[number - 1].pk))

    assert chain.verify(team.member.workspace_id).fault == f"{fault} the chain is missing."


def test_swapped_rows_are_found(team: Team) -> None:
    entries = written(team)
    first, second = entries[1].pk, entries[2].pk
    with guards_lifted():
        sql("UPDATE core_auditseal SET entry_id = %s WHERE entry_id = %s", raw("aud_x"), raw(first))
        sql("UPDATE core_auditseal SET entry_id = %s WHERE entry_id = %s", raw(first), raw(second))
        sql(
            "UPDATE core_auditseal SET entry_id = %s WHERE entry_id = %s",
            raw(second),
            raw("aud_x"),
        )

    assert chain.verify(team.member.workspace_id).fault.startswith(f"Row 2, {second}, was changed")


def test_a_row_put_in_beside_the_chain_is_found(team: Team) -> None:
    entries = written(team)
    late = clock.now() - timedelta(seconds=61)
    forged = AuditEntry.objects.create(
        workspace_id=team.member.workspace_id,
        at=late,
        actor_kind="person",
        actor_name="Rex",
        surface="dashboard",
        verb="test.forged",
        verdict="done",
    )

    assert chain.verify(team.member.workspace_id).fault == (
        f"1 row has waited for a seal for over 60 seconds, the oldest {forged.pk}."
    )
    assert entries


def test_a_chain_written_anew_or_cut_is_found_by_a_noted_head(team: Team) -> None:
    entries = written(team)
    place = team.member.workspace_id
    noted = chain.Anchor(5, chain.verify(place).head)
    assert chain.verify(place, noted).fault == ""

    with guards_lifted():
        sql("DELETE FROM core_auditseal WHERE entry_id = %s", raw(entries[4].pk))
        sql("DELETE FROM core_auditentry WHERE id = %s", raw(entries[4].pk))
    assert chain.verify(place).fault == ""  # the database alone cannot show it
    assert chain.verify(place, noted).fault == "The chain ends at row 4; row 5 is missing."

    audit.record(team.member, "test.instead")
    seals.seal_waiting()
    assert chain.verify(place).fault == ""
    assert chain.verify(place, noted).fault == (
        "Row 5 does not match the noted head: the chain was rewritten."
    )


def test_a_row_is_not_late_within_its_minute(team: Team) -> None:
    audit.record(team.member, "test.verb")

    assert chain.verify(team.member.workspace_id).fault == ""
    assert chain.waiting_for_a_seal()[0] == 1


def test_seals_refuse_change_and_a_number_twice(team: Team) -> None:
    written(team)
    audit.record(operator(), "test.operated")
    seals.seal_waiting()
    places = (team.member.workspace_id, None)
    for seal in [AuditSeal.objects.filter(workspace_id=w).order_by("number")[0] for w in places]:
        mine = AuditSeal.objects.filter(pk=seal.pk)
        steps: list[Callable[[], Any]] = [partial(mine.update, digest="x"), mine.delete]
        for step in steps:
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                step()
        with pytest.raises(IntegrityError), transaction.atomic():
            AuditSeal.objects.create(
                workspace_id=seal.workspace_id,
                number=seal.number,
                entry_id="aud_01jd0000000000000000000000",
                previous="",
                digest="",
                sealed_at=clock.now(),
            )


@pytest.mark.django_db(transaction=True)
def test_many_sealers_at_once_make_one_chain(team: Team) -> None:
    for _ in range(40):
        audit.record(team.member, "test.verb")

    sealed, refused = at_once([seals.seal_waiting] * 6)

    assert refused == []
    assert sum(sealed) == 40
    report = chain.verify(team.member.workspace_id)
    assert (report.rows, report.fault) == (40, "")


@pytest.mark.django_db(transaction=True)
def test_rows_written_while_sealers_work_all_find_their_place(team: Team) -> None:
    write = partial(audit.record, team.member, "test.verb")
    calls: list[Callable[[], object]] = [write, seals.seal_waiting, write, seals.seal_waiting]
    calls += [write] * 4
    at_once(calls)

    seals.seal_waiting()

    report = chain.verify(team.member.workspace_id)
    assert (report.rows, report.fault) == (6, "")


def test_a_row_of_an_undone_transaction_leaves_nothing_behind(team: Team) -> None:
    with transaction.atomic():
        audit.record(team.member, "test.verb")
        transaction.set_rollback(True)

    assert not UnsealedEntry.objects.exists()
    assert seals.seal_waiting() == 0


# --- manage.py verify_audit ---


def verify(**options: str) -> str:
    """The command's output, followed by its exit code."""
    out = StringIO()
    try:
        call_command("verify_audit", stdout=out, **options)
    except CommandError as error:
        return f"{out.getvalue()}exit {error.returncode}"
    return f"{out.getvalue()}exit 0"


def test_the_command_looks_at_every_chain_and_prints_its_head(team: Team) -> None:
    written(team)
    audit.record(operator(), "test.operated")
    seals.seal_waiting()

    said = verify()

    assert said.endswith("exit 0")
    assert "acme: 5 rows, intact" in said
    assert "operators: 1 rows, intact" in said
    head = chain.verify(team.member.workspace_id).head
    assert f"head 5:{head}" in said
    assert verify(workspace="acme", expect=f"5:{head}").endswith("exit 0")
    assert verify(workspace="acme", expect=f"5:{'0' * 64}").endswith("exit 1")


def test_the_command_fails_and_names_the_first_fault(team: Team) -> None:
    entries = written(team)
    with guards_lifted():
        sql("DELETE FROM core_auditentry WHERE id = %s", raw(entries[1].pk))

    assert f"acme: 1 rows, FAULT Row 2 of the chain, {entries[1].pk}, was deleted." in verify()
    assert verify(workspace="acme").endswith("exit 1")
    assert verify(workspace="globex").endswith("exit 0")
    assert ChainCheck.objects.filter(fault="").count() == 2
    last = chain.last_check(team.member.workspace_id)
    assert last is not None
    assert last.fault.startswith("Row 2")


@pytest.mark.parametrize(
    "options", [{"workspace": "nowhere"}, {"expect": "x", "workspace": "acme"}, {"expect": "1:ab"}]
)
def test_the_command_refuses_what_it_does_not_know(team: Team, options: dict[str, str]) -> None:
    assert Workspace.objects.filter(slug="acme").exists()
    assert verify(**options) == "exit 2"
