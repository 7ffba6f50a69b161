"""Events on PostgreSQL: our answers beside their bare SQL and beside a naive GROUP BY.

    DATABASE_URL=postgres://.../anything python -m bench.events --contacts 50000 --events 1000000

Makes a database of its own beside the named one, fills it, measures, and drops it. Each number is
the median of the repetitions, ours and the bare one taken in turns.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import django
from django.db import connection, transaction

DATABASE = "pathbound_bench"
DAYS = 90
END = datetime(2026, 11, 20, tzinfo=UTC)
NAMES = ("page_view", "form_submit", "email_open", "email_click", "signup", "login", "video_play")
PATHS = tuple(f"/page-{number}" for number in range(200))
BROWSERS = ("Chrome", "Safari", "Firefox", "Edge")
Work = Callable[[], object]


def main() -> int:
    """Fill, measure, print one table, clean up."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--contacts", type=int, default=50_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=7)
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pathbound_mcp.settings")
    django.setup()
    if connection.vendor != "postgresql":
        print("DATABASE_URL must name a PostgreSQL database.", file=sys.stderr)
        return 2
    outer = connection.settings_dict["NAME"]
    _admin(f"DROP DATABASE IF EXISTS {DATABASE}", f"CREATE DATABASE {DATABASE}")
    try:
        _use(DATABASE)
        _measure(given.contacts, given.events, given.repeat)
    finally:
        _use(outer)
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


def _measure(contacts: int, events: int, repeat: int) -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    began = time.perf_counter()
    office = _Office(contacts, events)
    office.fill()
    print(f"{contacts:,} contacts, {events:,} events over {DAYS} days in {_since(began):.0f} s")
    began = time.perf_counter()
    buckets = office.roll_up()
    print(f"rollup of {buckets:,} buckets worked out in {_since(began):.0f} s\n")
    print("| question | ours, ms | bare SQL, ms | ours / bare |")
    print("|---|---|---|---|")
    for question, ours, bare in office.questions():
        mine, theirs = _in_turns(ours, bare, repeat)
        print(f"| {question} | {mine:.1f} | {theirs:.1f} | {mine / theirs:.2f} |")


def _since(began: float) -> float:
    return time.perf_counter() - began


def _in_turns(ours: Work, bare: Work, repeat: int) -> tuple[float, float]:
    """Median milliseconds of each, after one unmeasured turn."""
    taken: tuple[list[float], list[float]] = ([], [])
    for turn in range(repeat + 1):
        for work, times in zip((ours, bare), taken, strict=True):
            began = time.perf_counter()
            work()
            if turn:
                times.append(_since(began) * 1000)
    return statistics.median(taken[0]), statistics.median(taken[1])


class _Office:
    """One workspace, its rows and the questions about them."""

    def __init__(self, contacts: int, events: int) -> None:
        from accounts.models import Workspace
        from core.access import Role
        from core.actor import Actor, ActorKind, Surface

        self.contacts, self.events = contacts, events
        self.rng = Random(1)  # noqa: S311 - measurements, not secrets
        place = Workspace.objects.create(name="Bench", slug="bench", time_zone="Europe/Berlin")
        self.workspace = str(place.pk)
        self.actor = Actor(
            workspace_id=self.workspace,
            kind=ActorKind.KEY,
            surface=Surface.REST,
            role=Role.MEMBER,
            name="bench",
        )
        self.ids: list[str] = []
        self.late: list[object] = []

    def fill(self) -> None:
        """Contacts by bulk insert, events by COPY, in the order they happened."""
        from crm.models import Contact

        rows = [
            Contact(
                workspace_id=self.workspace,
                email=f"person{number}@bench.example",
                search_text=f"person{number}@bench.example",
                created_at=END,
                updated_at=END,
            )
            for number in range(self.contacts)
        ]
        Contact.objects.bulk_create(rows, batch_size=5000)
        self.ids = [str(row.pk) for row in rows]
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
            with cursor.copy(f"COPY crm_event ({', '.join(_COLUMNS)}) FROM STDIN") as copy:
                for event in self._made():
                    copy.write_row(event)
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("SET statement_timeout = '5s'")

    def roll_up(self) -> int:
        """Work the rollup out; returns how many buckets."""
        from crm.services import rollups

        done = rollups.refresh(self.actor)
        _admin("VACUUM ANALYZE crm_rollup", "VACUUM crm_dirtybucket")
        return done

    def _made(self) -> Iterator[tuple[Any, ...]]:
        from core.ids import decode, new_id_at

        workspace = decode("ws", self.workspace)
        people = [decode("ct", contact) for contact in self.ids]
        step = timedelta(days=DAYS) / self.events
        moment = END - timedelta(days=DAYS)
        for _ in range(self.events):
            moment += step
            path = self.rng.choice(PATHS)
            yield (
                decode("evt", new_id_at("evt", moment, self.rng.getrandbits(74))),
                workspace,
                self.rng.choice(people) if self.rng.random() < 0.4 else None,
                self.rng.choices(NAMES, weights=(70, 5, 10, 5, 1, 6, 3))[0],
                moment,
                f"v{self.rng.randrange(200_000)}",
                f"https://bench.example{path}",
                path,
                self.rng.choice(BROWSERS),
                self.rng.random() < 0.04,
                moment,
                *("tracker", "", "bench.example", *[""] * 9, "{}"),
            )

    def questions(self) -> list[tuple[str, Work, Work]]:
        """A question's name, our way and the bare one."""
        return [*self._counts(), *self._lookups()]

    def _counts(self) -> list[tuple[str, Work, Work]]:
        by_day: dict[str, Any] = {"entity": "events", "group_by": ["event"], "interval": "day"}
        ask, sql = self._ask, self._sql
        return [
            (
                "aggregate: events by name and day, all days",
                ask("crm.aggregate", **by_day, limit=200),
                sql(_BY_NAME_AND_DAY),
            ),
            (
                "the same right after a late event",
                self._after_a_late_event(ask("crm.aggregate", **by_day, limit=200)),
                sql(_BY_NAME_AND_DAY),
            ),
            (
                "aggregate: events by name, all days",
                ask("crm.aggregate", entity="events", group_by=["event"]),
                sql(_BY_NAME),
            ),
            ("get_event_types", ask("crm.event.types"), sql(_TYPES)),
            ("get_event_stats, all days", ask("crm.event.stats"), sql(_BY_DAY, *_UNIQUES)),
        ]

    def _lookups(self) -> list[tuple[str, Work, Work]]:
        contact, ask, sql = self.ids[0], self._ask, self._sql
        return [
            (
                "list_events, first page and total",
                ask("crm.event.list"),
                sql(_LATEST, _COUNT),
            ),
            (
                "list_events of a contact",
                ask("crm.event.list", contact_id=contact),
                sql(_OF_CONTACT, _COUNT_OF_CONTACT, given=(self._uuid(contact),)),
            ),
            (
                "get_event",
                ask("crm.event.get", event_id=self._an_event()),
                sql(_ONE, given=(self._uuid(self._an_event()),)),
            ),
            (
                "batch_get_activity, 25 contacts",
                ask("crm.activity.batch", contact_ids=self.ids[:25]),
                sql(
                    _ACTIVITY,
                    _ACTIVITY_TOTALS,
                    given=([self._uuid(one) for one in self.ids[:25]],),
                ),
            ),
        ]

    def _ask(self, name: str, **data: Any) -> Work:
        from core import operations

        return lambda: operations.submit(self.actor, operations.get(name), data)

    def _sql(self, *statements: str, given: tuple[Any, ...] = ()) -> Work:
        """The statements in one transaction, like ours; each takes the workspace, then `given`."""
        parameters = (self._uuid(self.workspace), *given)

        def run() -> None:
            with transaction.atomic(), connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement, parameters)
                    cursor.fetchall()

        return run

    def _after_a_late_event(self, work: Work) -> Work:
        """The work while a bucket of last month is dirty."""
        from crm.models import Event

        def run() -> None:
            if not self.late:
                self.late.append(
                    Event.objects.create(
                        workspace_id=self.workspace,
                        event="page_view",
                        timestamp=END - timedelta(days=40),
                        source="late",
                        created_at=END,
                    )
                )
            work()

        return run

    def _an_event(self) -> str:
        from crm.models import Event

        return str(Event.objects.order_by("pk").values_list("pk", flat=True)[1000])

    def _uuid(self, public_id: str) -> Any:
        from core.ids import decode

        return decode(public_id.split("_")[0], public_id)


_COLUMNS = (
    *("id", "workspace_id", "contact_id", "event", "timestamp", "visitor_id", "url", "path"),
    *("browser", "is_bot", "created_at", "source", "session_id", "domain", "title", "referrer"),
    *("referring_domain", "utm_source", "utm_medium", "utm_campaign", "os", "device_type"),
    *("country",),
    "data",
)
_WHERE = "FROM crm_event WHERE workspace_id = %s AND NOT is_bot"
_BY_NAME_AND_DAY = (
    "SELECT event, date_trunc('day', timestamp, 'Europe/Berlin'), count(*) "
    f"{_WHERE} GROUP BY 1, 2 ORDER BY 2 DESC, 1"
)
_BY_DAY = f"SELECT date_trunc('day', timestamp, 'Europe/Berlin'), count(*) {_WHERE} GROUP BY 1"
_UNIQUES = tuple(
    f"SELECT count(*) FROM (SELECT DISTINCT {column} {_WHERE} "  # noqa: S608
    f"AND {column} IS NOT NULL) AS d"
    for column in ("contact_id", "company_id", "visitor_id")
)
_BY_NAME = f"SELECT event, count(*) {_WHERE} GROUP BY 1 ORDER BY 2 DESC"
_TYPES = (
    f"SELECT event, count(*), min(timestamp), max(timestamp) {_WHERE} GROUP BY 1 ORDER BY 2 DESC"
)
_COUNT = f"SELECT count(*) {_WHERE}"
_LATEST = f"SELECT * {_WHERE} ORDER BY timestamp DESC, id DESC LIMIT 20"
_OF_CONTACT = f"SELECT * {_WHERE} AND contact_id = %s ORDER BY timestamp DESC, id DESC LIMIT 20"
_COUNT_OF_CONTACT = f"SELECT count(*) {_WHERE} AND contact_id = %s"
_ACTIVITY_TOTALS = f"SELECT contact_id, count(*) {_WHERE} AND contact_id = ANY(%s) GROUP BY 1"
_ONE = f"SELECT * {_WHERE} AND id = %s"
_ACTIVITY = (
    "SELECT e.* FROM (SELECT %s::uuid AS w) AS z, unnest(%s::uuid[]) AS c "
    "CROSS JOIN LATERAL (SELECT * FROM crm_event WHERE workspace_id = w AND contact_id = c "
    "AND NOT is_bot ORDER BY timestamp DESC LIMIT 5) AS e"
)

if __name__ == "__main__":
    sys.exit(main())
