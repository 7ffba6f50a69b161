"""Stretches of time that questions name, placed in the workspace's time zone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from core.actor import Actor
from crm.queries.periods import moment_in, zone_of

# Both databases store microseconds: the next one is the first outside.
_STEP = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time, its end excluded; None is open."""

    since: datetime | None = None
    until: datetime | None = None

    def of(self, column: str) -> Q:
        """The condition that a time column is inside."""
        found = Q() if self.since is None else Q(**{f"{column}__gte": self.since})
        return found if self.until is None else found & Q(**{f"{column}__lt": self.until})


def window_of(actor: Actor, since: datetime | None, until: datetime | None) -> Window:
    """The time between two arguments of the types Since and Until, both inside it.

    Without an offset they are the workspace's time; the zone is read only then.
    """
    if all(moment is None or moment.tzinfo for moment in (since, until)):
        return Window(since, until and until + _STEP)
    zone = zone_of(actor)
    return Window(since and moment_in(since, zone), until and moment_in(until, zone) + _STEP)
