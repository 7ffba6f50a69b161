"""When people are at their desks: weekdays more than weekends, mornings more than evenings."""

from datetime import UTC, datetime, timedelta
from random import Random

# Monday to Sunday; 24 hours of the visitor's own day.
WEEKDAYS = (1.0, 1.12, 1.08, 1.02, 0.8, 0.2, 0.16)
HOURS = (1, 1, 0, 0, 0, 2, 6, 18, 52, 88, 96, 82, 46, 62, 90, 84, 70, 44, 20, 14, 15, 13, 8, 4)
_TRIES = 12


def weight_of(day: datetime) -> float:
    """How busy this day of the week is; an average working day is 1."""
    return WEEKDAYS[day.weekday()]


def hour_on(rng: Random, day: datetime, offset: float) -> datetime:
    """A moment of this day by the clock of a place `offset` hours ahead of UTC."""
    hour = rng.choices(range(24), weights=HOURS)[0]
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    local = timedelta(
        hours=hour,
        minutes=rng.randrange(60),
        seconds=rng.randrange(60),
        milliseconds=rng.randrange(999),
    )
    return midnight + local - timedelta(hours=offset)


def moment_between(rng: Random, first: datetime, last: datetime, offset: float) -> datetime:
    """A likely moment within the two; working days are met far more often."""
    for _ in range(_TRIES):
        day = first + (last - first) * rng.random()
        if rng.random() < weight_of(day):
            found = hour_on(rng, day, offset)
            if first <= found <= last:
                return found
    return first + (last - first) * rng.random()
