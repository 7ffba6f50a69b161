"""A scheduled task fires once a slot; the daily clean-up removes what is old and nothing else."""

import os
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from celery import current_app
from django.db import connection
from pytest_django.fixtures import Settings

from core import clock
from core.ids import new_id
from core.models import KeptAnswer, RateBucket
from jobs import tasks
from jobs.models import ScheduleSlot
from jobs.slots import first_in_slot, slot_of
from pathbound_mcp.celery import app

MINUTE = timedelta(minutes=1)
SLOT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "every", "expected"),
    [
        (datetime(2026, 11, 22, 10, 0, 59, tzinfo=UTC), MINUTE, SLOT),
        (datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC), MINUTE, SLOT),
        (datetime(2026, 11, 22, 23, 59, tzinfo=UTC), timedelta(days=1), SLOT.replace(hour=0)),
    ],
)
def test_a_slot_begins_on_the_full_minute_hour_or_day(
    moment: datetime, every: timedelta, expected: datetime
) -> None:
    assert slot_of(moment, every) == expected


@pytest.mark.django_db(transaction=True)
def test_of_many_clocks_at_once_exactly_one_fires() -> None:
    count = 8
    gate, won = threading.Barrier(count), []

    def fire() -> None:
        try:
            gate.wait(60)
            won.append(first_in_slot("a.task", SLOT))
        finally:
            connection.close()

    threads = [threading.Thread(target=fire) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(won) == [False] * (count - 1) + [True]


@pytest.mark.django_db
def test_the_next_slot_and_another_task_fire_again() -> None:
    assert first_in_slot("a.task", SLOT)
    assert not first_in_slot("a.task", SLOT)
    assert first_in_slot("a.task", SLOT + MINUTE)
    assert first_in_slot("another.task", SLOT)


@pytest.mark.django_db
def test_a_second_clock_sends_nothing_in_the_same_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(current_app, "send_task", sent.append)
    monkeypatch.setattr(clock, "now", lambda: SLOT)

    tasks.send_once("a.task", 60)
    tasks.send_once("a.task", 60)
    monkeypatch.setattr(clock, "now", lambda: SLOT + MINUTE)
    tasks.send_once("a.task", 60)

    assert sent == ["a.task", "a.task"]


def test_every_entry_of_the_schedule_names_a_task_that_exists() -> None:
    app.loader.import_default_modules()

    wanted = {entry["args"][0] for entry in app.conf.beat_schedule.values()}

    assert {"jobs.tasks.send_once"} == {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert wanted <= set(app.tasks)


@pytest.mark.django_db
def test_the_clean_up_drops_the_old_and_keeps_the_young(settings: Settings, tmp_path: Path) -> None:
    now = clock.now()
    for days in (29, 31):
        KeptAnswer.objects.create(
            workspace_id=new_id("ws"),
            caller="a",
            operation="b",
            key=str(days),
            digest="",
            created_at=now - timedelta(days=days),
        )
        RateBucket.objects.create(
            key=str(days), tokens=1, refilled_at=now.timestamp() - (30 - days) * -3 * 86400
        )
    first_in_slot("old", now - timedelta(days=8))
    old, young = tmp_path / "old.msg", tmp_path / "young.msg"
    for message in (old, young):
        message.touch()
    os.utime(old, (time.time() - 90_000,) * 2)
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"processed_folder": str(tmp_path)}

    tasks.clean_up()

    assert [row.key for row in KeptAnswer.objects.all()] == ["29"]
    assert not ScheduleSlot.objects.filter(task="old").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["young.msg"]
