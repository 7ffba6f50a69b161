"""Schedules of agents: cron expressions in the workspace's time zone."""

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from core.errors import ValidationFailed

# A run takes minutes; a tighter schedule would only queue up behind itself.
SHORTEST = timedelta(minutes=15)
_LOOKED_AT = 50
_ANY_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def check(expression: str, zone: ZoneInfo, moment: datetime, field: str) -> None:
    """Raise ValidationFailed unless it is a cron expression that fires at most every 15 minutes."""
    slots = list(islice(_slots(expression, zone, moment, field), _LOOKED_AT))
    if not slots:
        raise ValidationFailed("This schedule never runs.", field=field)
    gaps = [later - earlier for earlier, later in pairwise(slots)]
    if any(gap < SHORTEST for gap in gaps):
        raise ValidationFailed(
            "An agent can run at most every 15 minutes.",
            hint="For example 0 9 * * 1-5: at 9:00 on working days.",
            field=field,
        )


def next_slot(expression: str, zone: ZoneInfo, moment: datetime) -> datetime | None:
    """The first slot after the moment; None where there is none."""
    return next(_slots(expression, zone, moment, "schedule_cron"), None) if expression else None


def last_slot(expression: str, zone: ZoneInfo, after: datetime, until: datetime) -> datetime | None:
    """The latest slot after `after` and not later than `until`; None where there is none."""
    if not expression:
        return None
    backwards = CronSim(expression, until.astimezone(zone) + timedelta(seconds=1), reverse=True)
    found = next(iter(backwards), None)
    return found if found is not None and found > after else None


def words_of(expression: str) -> str:
    """A schedule as people read it: "At 09:00 on Monday through Friday"."""
    try:
        return CronSim(expression, _ANY_MOMENT).explain()
    except CronSimError:
        return expression


def _slots(expression: str, zone: ZoneInfo, moment: datetime, field: str) -> CronSim:
    try:
        return CronSim(expression, moment.astimezone(zone))
    except CronSimError:
        raise ValidationFailed(
            "This is not a five-field cron expression.",
            hint="For example 0 9 * * 1-5: at 9:00 on working days.",
            field=field,
        ) from None
