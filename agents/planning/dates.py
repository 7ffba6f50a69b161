"""Moments in the words of a letter."""

from datetime import datetime
from zoneinfo import ZoneInfo

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def roughly(moment: datetime, now: datetime, zone: str) -> str:
    """When it was, as one would say it to the person: `yesterday`, `last week`, `in October`."""
    then, today = _local(moment, zone), _local(now, zone)
    days = (today.date() - then.date()).days
    if days <= 0:
        return "today"
    if days == 1:
        return "yesterday"
    for limit, words in ((7, "a few days ago"), (14, "last week"), (45, "a few weeks ago")):
        if days < limit:
            return words
    if days < 330:
        return f"in {_MONTHS[then.month - 1]}"
    return "some time ago"


def day(moment: datetime, zone: str) -> str:
    """`24 November 2026`."""
    then = _local(moment, zone)
    return f"{then.day} {_MONTHS[then.month - 1]} {then.year}"


def appointment(moment: datetime, zone: str) -> str:
    """`Thursday 26 November, 10:00`."""
    then = _local(moment, zone)
    return f"{_DAYS[then.weekday()]} {then.day} {_MONTHS[then.month - 1]}, {then:%H:%M}"


def _local(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone))
