"""Our answers on PostgreSQL beside their bare SQL, and what they hold on the largest records.

    DATABASE_URL=postgres://.../anything python -m bench --contacts 50000 --events 1000000

Makes a database of its own beside the named one, fills it, measures, and drops it. Each number is
the median of the repetitions, ours and the bare one taken in turns.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import django
from django.core.management import call_command
from django.db import connection

if TYPE_CHECKING:
    from bench.team import Team

DATABASE = "pathbound_bench"
Work = Callable[[], object]
Answer = TypeVar("Answer")


def main() -> int:
    """Fill, measure, print the tables, clean up."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--contacts", type=int, default=50_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=21)
    parser.add_argument("--keep", action="store_true", help="leave the filled database there")
    parser.add_argument("--again", action="store_true", help="measure in one that was kept")
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pathbound_mcp.settings")
    django.setup()
    if connection.vendor != "postgresql":
        print("DATABASE_URL must name a PostgreSQL database.", file=sys.stderr)
        return 2
    outer = connection.settings_dict["NAME"]
    if not given.again:
        _admin(f"DROP DATABASE IF EXISTS {DATABASE}", f"CREATE DATABASE {DATABASE}")
    try:
        _use(DATABASE)
        _measure(given)
    finally:
        _use(outer)
        if not given.keep and not given.again:
            _admin(f"DROP DATABASE IF EXISTS {DATABASE}")
    return 0


def _use(name: str) -> None:
    connection.close()
    if hasattr(connection, "close_pool"):
        connection.close_pool()
    connection.settings_dict["NAME"] = name


def _admin(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _measure(given: argparse.Namespace) -> None:
    # Only now: these modules import models.
    from bench import bounds, contacts, events, segments, timeline
    from bench.team import Team

    # Filling takes minutes, and so may a bare statement.
    _admin("SET statement_timeout = 0")
    if not given.again:
        call_command("migrate", verbosity=0)
    team = Team(given.contacts, given.events)
    if not given.again:
        _fill(team)
    timeline.plant(team)
    team.roll_up()
    for title, questions in (
        ("Contacts", contacts.questions),
        ("Timeline", timeline.questions),
        ("Events", events.questions),
    ):
        _head(title, "question", "ours, ms", "bare SQL, ms", "ours / bare")
        for question, ours, bare in questions(team):
            mine, theirs = _in_turns(ours, bare, given.repeat)
            print(f"| {question} | {mine:.2f} | {theirs:.2f} | {mine / theirs:.2f} |", flush=True)
    segments.plant(team)
    _head("Segments", "a run of refresh_segments", "s", "members")
    for question, ask in segments.questions(team):
        taken, members = _timed(ask)
        print(f"| {question} | {taken:.1f} | {members:,} |", flush=True)
    bounds.plant(team)
    _head("Bounds", "question", "ms", "tokens of the answer")
    for question, read in bounds.questions(team):
        taken, answer = _timed(read)
        print(f"| {question} | {taken * 1000:.1f} | {bounds.tokens_of(answer):,} |", flush=True)


def _head(title: str, *columns: str) -> None:
    print(f"\n{title}\n\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}", flush=True)


def _timed(work: Callable[[], Answer]) -> tuple[float, Answer]:
    began = time.perf_counter()
    answer = work()
    return _since(began), answer


def _fill(team: "Team") -> None:
    began = time.perf_counter()
    team.fill()
    print(f"{team.contacts:,} contacts, {team.events:,} events in {_since(began):.0f} s")
    began = time.perf_counter()
    buckets = team.roll_up()
    print(f"rollup of {buckets:,} buckets worked out in {_since(began):.0f} s", flush=True)


def _since(began: float) -> float:
    return time.perf_counter() - began


def _in_turns(ours: Work, bare: Work, repeat: int) -> tuple[float, float]:
    """Median milliseconds of each, after two unmeasured turns."""
    taken: tuple[list[float], list[float]] = ([], [])
    for turn in range(repeat + 2):
        for work, times in zip((ours, bare), taken, strict=True):
            began = time.perf_counter()
            work()
            if turn > 1:
                times.append(_since(began) * 1000)
    return statistics.median(taken[0]), statistics.median(taken[1])


if __name__ == "__main__":
    sys.exit(main())
