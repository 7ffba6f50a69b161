"""Constraints of the database, for every table."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import ForeignKey, Model

from core import audit, ddl
from core.models import AuditEntry
from tests import factories
from tests.core import rows
from tests.team import Team

pytestmark = pytest.mark.django_db

REFERENCES = [
    pytest.param(model, column, target, id=f"{model.__name__}.{column}")
    for model, column, target in ddl._tenant_references()
]


def live_guards() -> set[str]:
    """Names of our triggers and constraints in the catalogue."""
    if connection.vendor == "sqlite":
        sql = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        sql = (
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal "
            "UNION SELECT conname FROM pg_constraint WHERE conname LIKE '%%same_workspace'"
        )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return {row[0] for row in cursor.fetchall()}


def test_the_live_catalogue_is_the_declaration() -> None:
    declared = [guard.name for guard in ddl.declared(connection)]

    assert len(declared) == len(set(declared))
    assert live_guards() == set(declared)


def test_applying_again_changes_nothing() -> None:
    before = live_guards()

    ddl.apply()

    assert live_guards() == before


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite ends no statement by time")
def test_a_migration_may_take_longer_than_a_request() -> None:
    def limit() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            return str(cursor.fetchone()[0])

    before = limit()
    assert before != "0"

    call_command("migrate", verbosity=0)
    assert limit() == before

    ddl.lift_time_limit()
    assert limit() == "0"
    ddl.restore_time_limit()
    assert limit() == before


def test_the_audit_log_refuses_change_and_deletion(team: Team) -> None:
    entry = audit.record(team.member, "test.verb")
    mine = AuditEntry.objects.filter(pk=entry.pk)

    for attempt in (lambda: mine.update(verb="other"), mine.delete, mine.get().delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            attempt()
    assert mine.get().verb == "test.verb"


def test_every_reference_between_tenants_tables_is_walked() -> None:
    named = {str(parameter.id) for parameter in REFERENCES}

    assert {"Contact.company_id", "Action.contact_id", "Recipient.action_id"} <= named
    assert {"Action.replaces_id", "Note.company_id", "Mailbox.identity_id"} <= named


@pytest.mark.parametrize(("model", "column", "target"), REFERENCES)
def test_a_row_cannot_point_into_another_workspace(
    model: type[Model], column: str, target: type[Model]
) -> None:
    here, there = factories.workspace(), factories.workspace("Globex")
    near, far = rows.make(target, here), rows.make(target, there)
    name = field_of(model, column)

    row = rows.make(model, here, **{name: near})
    same = model._default_manager.filter(pk=row.pk)

    check_now(lambda: same.update(**{name: near}))
    with pytest.raises(IntegrityError):
        check_now(lambda: same.update(**{name: far}))
    with pytest.raises(IntegrityError):
        check_now(lambda: rows.make(model, here, **{name: rows.make(target, there)}))


def field_of(model: type[Model], column: str) -> str:
    fields: list[Any] = list(model._meta.get_fields())
    return next(
        field.name for field in fields if isinstance(field, ForeignKey) and field.column == column
    )


def check_now(write: Callable[[], object]) -> None:
    """Checks deferred constraints now: a test's transaction never commits."""
    with transaction.atomic():
        write()
        connection.check_constraints()


def test_every_model_of_ours_with_a_workspace_is_a_tenants_table() -> None:
    ours = [model for model in apps.get_models() if model.__module__.split(".")[0] in rows.OUR_APPS]
    without = {model.__name__ for model in ours if not ddl._is_tenant(model)}

    assert without == {
        *("User", "Workspace", "RateBucket", "ScheduleSlot"),
        *("Application", "AccessToken", "Grant", "RefreshToken", "IDToken", "RefreshReplay"),
    }
