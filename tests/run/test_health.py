"""Liveness, readiness and error pages."""

import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from django.test import Client
from pytest_django.fixtures import Settings

from pathbound_mcp import health
from tests.ports import free_port


def test_alive_needs_neither_database_nor_login() -> None:
    answer = Client().get("/health/live")

    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_ready_when_the_database_has_every_migration() -> None:
    answer = Client().get("/health/ready")

    assert answer.status_code == 200
    assert answer.json()["database"] == "ok"
    assert answer.json()["version"] == settings.VERSION


@pytest.mark.django_db
def test_not_ready_while_a_migration_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_migrated", [])
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder.Migration.objects.filter(app="jobs").delete()

    answer = Client().get("/health/ready")

    assert answer.status_code == 503
    assert answer.json()["database"] == "migrations are missing"


@pytest.mark.django_db
def test_not_ready_while_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise DatabaseError("away")

    monkeypatch.setattr(connection, "cursor", away)

    assert Client().get("/health/ready").status_code == 503


@pytest.mark.django_db
def test_without_redis_it_stays_ready_and_says_so(settings: Settings) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"

    answer = Client().get("/health/ready")

    assert answer.status_code == 200
    assert answer.json()["redis"] == "degraded"
