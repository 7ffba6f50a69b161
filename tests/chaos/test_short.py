"""A short storm on SQLite; `make chaos` runs a long one on PostgreSQL and Redis."""

import random
import sqlite3
from pathlib import Path

import pytest
from django.db import connection

from tests.chaos import verdict
from tests.chaos.outside import LOADED, installation, make_difficult
from tests.chaos.storm import Storm

pytestmark = pytest.mark.slow

ACTIONS, KILLS = 28, 5


def test_killed_and_frozen_workers_lose_nothing_and_send_nothing_twice(
    db: None, tmp_path: Path
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("make chaos does it on PostgreSQL")
    with installation(tmp_path, _copied(tmp_path / "chaos.sqlite3")) as place:
        make_difficult(place.resend, ACTIONS)
        storm = Storm(place, hurry=True, commands=[LOADED] * 3, choose=random.Random(4))  # noqa: S311
        storm.begin()
        people = {"races": 6, "crowds": 1, "people": 6, "seed": 4}
        place.begin("people", actions=ACTIONS, diary=str(tmp_path / "diary"), **people)
        storm.rage([*[Storm.kill] * (KILLS // 2), Storm.freeze, *[Storm.kill] * 3], ACTIONS, 60)
        found = verdict.reach(place)

    assert found.faults == {}
    assert found.actions == ACTIONS
    assert found.completed + found.unknown == ACTIONS
    assert found.unknown <= KILLS + 1  # and the frozen one; each does one thing at a time
    assert storm.done == {"workers killed": KILLS, "workers frozen": 1}


def _copied(file: Path) -> str:
    """Copies the empty test database to a file, faster than migrating; returns its URL."""
    with (
        sqlite3.connect(connection.settings_dict["NAME"]) as source,
        sqlite3.connect(file) as target,
    ):
        source.backup(target)
    source.close()
    target.close()
    return f"sqlite:///{file}"
