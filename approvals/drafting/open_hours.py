"""When a sender may send: outside the quiet hours, in the zone of the workspace (approvals-8)."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from identities.models import Identity

_SATURDAY = 5
_MOST_STEPS = 60  # the number of boundaries examined: about two weeks


def next_open(identity: Identity, zone: ZoneInfo, moment: datetime) -> datetime:
    """The moment itself when it is open, else the end of the quiet hours."""
    for _ in range(_MOST_STEPS):
        if not is_quiet(identity, moment.astimezone(zone)):
            break
        moment = _next_boundary(identity, zone, moment)
    return moment


def open_after(identity: Identity, zone: ZoneInfo, moment: datetime, span: timedelta) -> datetime:
    """The time when this much open time has passed since the moment."""
    left = span
    for _ in range(_MOST_STEPS):
        boundary = _next_boundary(identity, zone, moment)
        if not is_quiet(identity, moment.astimezone(zone)):
            if boundary - moment >= left:
                return moment + left
            left -= boundary - moment
        moment = boundary
    return moment + left


def is_quiet(identity: Identity, local: datetime) -> bool:
    """Whether the sender sends nothing at this local time; hours may run over midnight."""
    if identity.quiet_weekends and local.weekday() >= _SATURDAY:
        return True
    begins, ends, now = identity.quiet_from, identity.quiet_until, local.time()
    if begins is None or ends is None or begins == ends:
        return False
    if begins < ends:
        return begins <= now < ends
    return now >= begins or now < ends


def _next_boundary(identity: Identity, zone: ZoneInfo, moment: datetime) -> datetime:
    """The next moment at which quiet may begin or end: midnight, and both ends of the hours."""
    times = {time(0), identity.quiet_from or time(0), identity.quiet_until or time(0)}
    today = moment.astimezone(zone).date()
    found = [
        datetime.combine(today + timedelta(days=ahead), at, zone).astimezone(UTC)
        for ahead in (0, 1, 2)
        for at in times
    ]
    return min(boundary for boundary in found if boundary > moment)
