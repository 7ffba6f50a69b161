"""The long storm, on its own PostgreSQL and Redis: `make chaos`."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chaos import verdict
from tests.chaos.outside import CELERY, DISPATCH, ROOT, environment, installation, make_difficult
from tests.chaos.services import Postgres, Redis, own_redis, postgres
from tests.chaos.storm import Incident, Storm
from tests.chaos.verdict import Verdict

ACTIONS = int(os.environ.get("CHAOS_ACTIONS", "1000"))
KILLS = int(os.environ.get("CHAOS_KILLS", "40"))
CROWDS, PEOPLE = 10, 50
WORKERS = [DISPATCH, DISPATCH, CELERY]
AWAY_SECONDS = 6
FAULTS = ("cut", "half", "fault_after")


@pytest.mark.chaos
def test_a_thousand_approved_messages_go_out_once_each_in_any_weather(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begun = time.monotonic()
    with postgres() as database, own_redis(tmp_path) as broker:
        _migrate(environment(tmp_path, database.url))
        with installation(tmp_path, database.url, broker.url) as place:
            make_difficult(place.resend, ACTIONS // 4, FAULTS)
            choose = random.Random(40)  # noqa: S311 - which falls when, not a secret
            storm = Storm(place, hurry=False, commands=WORKERS, choose=choose)
            storm.begin()
            people = {"races": ACTIONS // 2, "crowds": CROWDS, "people": PEOPLE, "seed": 40}
            place.begin("people", actions=ACTIONS, diary=str(tmp_path / "diary"), **people)
            storm.rage(_change(database, broker, choose), ACTIONS, 300 + ACTIONS * 2)
            found = verdict.reach(place)
    with capsys.disabled():
        sys.stdout.write(_table(found, storm.done, time.monotonic() - begun))

    assert found.faults == {}
    assert found.actions == ACTIONS
    assert found.completed + found.unknown == ACTIONS
    assert found.unknown <= _calls_broken(storm)
    assert storm.done["workers killed"] == KILLS
    assert storm.done["PostgreSQL restarts"] == 2
    assert "workers that ended by themselves" not in storm.done


def _migrate(variables: dict[str, str]) -> None:
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def _change(database: Postgres, broker: Redis, choose: random.Random) -> list[Incident]:
    """All of them, in an order that is the same every time."""
    steps = [Storm.kill] * KILLS + [
        Storm.freeze,
        _counted("Redis killed", lambda storm: _away(storm, broker.kill, broker.start)),
        _counted("Redis wiped", lambda storm: _when_back(storm, broker.wipe)),
        _counted("Redis paused", lambda storm: _away(storm, broker.pause, broker.resume)),
        _counted("PostgreSQL restarts", lambda _: database.restart("fast")),
        _counted("PostgreSQL restarts", lambda _: database.restart("immediate")),
    ]
    choose.shuffle(steps)
    return steps


def _counted(what: str, step: Incident) -> Incident:
    def do(storm: Storm) -> None:
        step(storm)
        storm.count(what)

    return do


def _away(storm: Storm, begin: Callable[[], None], end: Callable[[], None]) -> None:
    begin()
    storm.after(AWAY_SECONDS, end)


def _when_back(storm: Storm, step: Callable[[], None]) -> None:
    """Now, or after what is away just now has come back."""
    storm.after(AWAY_SECONDS + 1 if storm.later else 0, step)


def _calls_broken(storm: Storm) -> int:
    """How many calls were interrupted before their end was stored: one per worker at a time."""
    each = storm.done["workers killed"] + storm.done["workers frozen"]
    return each + storm.done["PostgreSQL restarts"] * len(WORKERS)


def _table(found: Verdict, done: dict[str, int], seconds: float) -> str:
    rows = [
        ("messages approved", found.actions),
        ("sent, by the receivers' count", found.sent),
        ("sent twice", len(found.twice)),
        ("unaccounted for", len(found.unaccounted)),
        ("sent unlike what was approved", len(found.unlike)),
        ("sent without a press", len(found.unapproved)),
        ("outcomes unknown", found.unknown),
        ("unknown without a card", len(found.without_a_card)),
        ("tried again with the same key", found.tried_again),
        (f"crowds of {PEOPLE} at one card", found.crowds),
        ("cards decided by two", len(found.won_by_more_than_one)),
        ("approvals that met an edit", ACTIONS // 2),
        ("answers broken by the provider", len(FAULTS)),
        *sorted(done.items()),
        ("audit chain", found.audit or "whole"),
        ("seconds", round(seconds)),
    ]
    return "\n" + "".join(f"| {what} | {number} |\n" for what, number in rows)
