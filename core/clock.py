"""The one place that reads the time."""

from datetime import UTC, datetime, tzinfo


def now() -> datetime:
    """The current moment, aware, in UTC."""
    return datetime.now(UTC)


def midnight_in(zone: tzinfo) -> datetime:
    """When today began in a time zone."""
    return now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def iso(moment: datetime) -> str:
    """A moment in the APIs' format: ISO 8601 in UTC with milliseconds and a Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
