"""Hours, days, weeks and months in a workspace's time zone, counted by the database.

PostgreSQL knows time zones. SQLite does not: there a period is a substring of the stored text,
shifted by the zone's offset at that moment; that is ten times faster than a Python callback.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import DateTimeField, F, Field, Func
from django.db.models.sql.compiler import SQLCompiler

from accounts.models import Workspace
from core.actor import Actor
from crm.events.dirty_rollups import BUCKET_SECONDS

Interval = Literal["hour", "day", "week", "month"]
BUCKET = timedelta(seconds=BUCKET_SECONDS)
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_WEEK = timedelta(days=7)


def zone_of(actor: Actor) -> ZoneInfo:
    """The time zone of the actor's workspace; UTC when its name is not known here."""
    rows = Workspace.objects.filter(pk=actor.workspace_id)
    try:
        return ZoneInfo(rows.values_list("time_zone", flat=True).first() or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def moment_in(given: datetime, zone: ZoneInfo) -> datetime:
    """A moment as an argument gave it, in UTC; without an offset it is the zone's."""
    return (given if given.tzinfo else given.replace(tzinfo=zone)).astimezone(UTC)


def bucket_of(moment: datetime) -> datetime:
    """The beginning of the quarter of an hour that `moment` is in."""
    seconds = (moment - _FIRST) // BUCKET * BUCKET_SECONDS
    return _FIRST + timedelta(seconds=seconds)


def begin_of(key: datetime | str, zone: ZoneInfo) -> datetime:
    """When a period begins, in UTC; `key` is the database's value of a Period.

    In UTC because moments of one zone compare by its clock, which shows some hours twice.
    """
    if isinstance(key, datetime):
        return key.astimezone(UTC)
    is_hour = len(key) > len("2026-01-01")
    local = datetime.fromisoformat(key).replace(tzinfo=UTC if is_hour else zone)
    return local.astimezone(UTC)


def name_of(begin: datetime, interval: Interval, zone: ZoneInfo) -> str:
    """A period as answers write it: an hour with its offset, a month, else the (first) day."""
    local = begin.astimezone(zone)
    if interval == "hour":
        return local.isoformat(timespec="minutes")
    return local.strftime("%Y-%m" if interval == "month" else "%Y-%m-%d")


class Bucket(Func):
    """The beginning of the quarter of an hour of a time column."""

    output_field = DateTimeField()

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """Whole multiples of the bucket since 1970."""
        return self.as_sql(
            compiler,
            connection,
            template=f"to_timestamp(floor(extract(epoch FROM %(expressions)s) / {BUCKET_SECONDS}) "
            f"* {BUCKET_SECONDS})",
        )

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        """The same on stored text, without its fraction, which SQLite would round."""
        return self.as_sql(
            compiler,
            connection,
            template="datetime(CAST(strftime('%%%%s', substr(%(expressions)s, 1, 19)) AS INTEGER) "
            f"/ {BUCKET_SECONDS} * {BUCKET_SECONDS}, 'unixepoch')",
        )


class Period(Func):
    """The hour, day, week (from Monday) or month of a time column, as a key for `begin_of`."""

    def __init__(self, column: str, interval: Interval, zone: ZoneInfo) -> None:
        # No converter: PostgreSQL answers with a moment, SQLite with text.
        super().__init__(F(column), output_field=Field())
        self._interval, self._zone = interval, zone

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """The start of the period."""
        template = f"date_trunc('{self._interval}', %(expressions)s, '{self._zone.key}')"
        return self.as_sql(compiler, connection, template=template)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        """Text: a UTC hour, or a local day or month."""
        template = _cut(self._interval, self._zone)
        return self.as_sql(compiler, connection, template=template)


_COLUMN = "%(expressions)s"


def _cut(interval: Interval, zone: ZoneInfo) -> str:
    offsets = _offsets(zone, datetime.now(UTC).year + 1)
    if interval == "hour":
        # Hours of an odd offset (+05:30) begin between those of UTC.
        odd = tuple((since, minutes % 60) for since, minutes in offsets)
        if not any(minutes for _, minutes in odd):
            return f"substr({_COLUMN}, 1, 13) || ':00'"
        ahead, back = _by_time(odd, 1), _by_time(odd, -1)
        return f"datetime(substr(datetime({_COLUMN}, {ahead}), 1, 13) || ':00', {back})"
    is_utc = not any(minutes for _, minutes in offsets)
    local = f"substr({_COLUMN}, 1, 19)" if is_utc else f"datetime({_COLUMN}, {_by_time(offsets)})"
    cuts = {
        "day": f"substr({local}, 1, 10)",
        "week": f"date({local}, 'weekday 0', '-6 days')",
        "month": f"substr({local}, 1, 7) || '-01'",
    }
    return cuts[interval]


def _by_time(offsets: tuple[tuple[str, int], ...], sign: int = 1) -> str:
    """SQL for the modifier that holds at the column's time; newest first, like most rows."""
    (_, first), *later = offsets
    whens = "".join(
        f"WHEN {_COLUMN} >= '{since}' THEN '{sign * minutes:+d} minutes' "
        for since, minutes in reversed(later)
    )
    rest = f"'{sign * first:+d} minutes'"
    return f"CASE {whens}ELSE {rest} END" if whens else rest


@lru_cache(maxsize=256)
def _offsets(zone: ZoneInfo, until_year: int) -> tuple[tuple[str, int], ...]:
    """Each offset from UTC in minutes with the stored text of the moment it began to hold."""
    found = [("", _minutes(zone, _FIRST))]
    moment, end = _FIRST, datetime(until_year + 1, 1, 1, tzinfo=UTC)
    while moment < end:
        following = moment + _WEEK
        if _minutes(zone, following) != _minutes(zone, moment):
            changed = _change(zone, moment, following)
            found.append((f"{changed:%Y-%m-%d %H:%M:%S}", _minutes(zone, following)))
        moment = following
    return tuple(found)


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The minute in which the offset of `after` begins."""
    low, high = 0, (after - before) // timedelta(minutes=1)
    while high - low > 1:
        middle = (low + high) // 2
        is_old = _minutes(zone, before + timedelta(minutes=middle)) == _minutes(zone, before)
        low, high = (middle, high) if is_old else (low, middle)
    return before + timedelta(minutes=high)


def _minutes(zone: ZoneInfo, moment: datetime) -> int:
    offset = moment.astimezone(zone).utcoffset() or timedelta()
    return offset // timedelta(minutes=1)
