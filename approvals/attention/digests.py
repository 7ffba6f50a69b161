"""The digest of waiting actions: at most hourly, in working hours (attention-4).

1. Reviewers and admins are notified of waiting actions; members who chose digests only also of
   their attention items.
2. A digest is written when something is new since the last one; its slot is the hour.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import Count, Max, Min

from accounts.models import Membership, Notice
from accounts.services import notices
from approvals.models import Action, Attention
from core import clock
from core.access import Role
from core.db import unit

WORKING_HOURS = range(8, 18)
SATURDAY = 5
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"))


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one kind: their number, and the times of the first and last one."""

    rows: int = 0
    oldest: datetime | None = None
    newest: datetime | None = None


def post_due() -> int:
    """Write the digests of this hour; returns the number. A second call in the hour writes none."""
    moment = clock.now()
    waiting = {
        str(row["workspace_id"]): Batch(row["rows"], row["oldest"], row["newest"])
        for row in Action.objects.pending()
        .order_by()
        .values("workspace_id")
        .annotate(rows=Count("pk"), oldest=Min("created_at"), newest=Max("created_at"))
    }
    looking = {
        (str(row["workspace_id"]), str(row["user_id"])): Batch(
            row["rows"], row["oldest"], row["newest"]
        )
        for row in Attention.objects.filter(closed_at=None)
        .order_by()
        .values("workspace_id", "user_id")
        .annotate(rows=Count("pk"), oldest=Min("opened_at"), newest=Max("opened_at"))
    }
    places = {*waiting, *(place for place, _ in looking)}
    return sum(
        _post(member, moment, _for_decision(member, waiting), _to_look_at(member, looking))
        for member in _people(places)
        if is_working_hour(member, moment)
    )


def is_working_hour(member: Membership, moment: datetime) -> bool:
    """Whether it is a working hour in the member's time zone."""
    name = member.user.time_zone or member.workspace.time_zone
    try:
        there = moment.astimezone(ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError):
        there = moment
    return there.weekday() < SATURDAY and there.hour in WORKING_HOURS


def _people(places: set[str]) -> list[Membership]:
    rows = Membership.objects.filter(
        workspace_id__in=places, is_active=True, user__is_active=True
    ).exclude(user__notices="none")
    return list(rows.select_related("user", "workspace").order_by("pk"))


def _for_decision(member: Membership, waiting: dict[str, Batch]) -> Batch:
    decides = Role(member.role).includes(Role.REVIEWER)
    return waiting.get(str(member.workspace_id), Batch()) if decides else Batch()


def _to_look_at(member: Membership, looking: dict[tuple[str, str], Batch]) -> Batch:
    return looking.get((str(member.workspace_id), str(member.user_id)), Batch())


def _post(member: Membership, moment: datetime, waiting: Batch, looking: Batch) -> bool:
    # Members with immediate notifications already got their attention items.
    fresh = [waiting.newest, looking.newest if member.user.notices == "digest" else None]
    newest = max((at for at in fresh if at), default=None)
    mine = Notice.objects.filter(
        user=member.user, workspace=member.workspace, kind=notices.Kind.DIGEST
    )
    if newest is None or mine.filter(created_at__gte=newest).exists():
        return False
    slot = f"digest:{moment:%Y-%m-%dT%H}"
    if mine.filter(slot=slot).exists():
        return False
    with unit():
        notices.post(
            str(member.workspace_id),
            [str(member.user_id)],
            notices.Kind.DIGEST,
            slot,
            what=_words(waiting, looking, moment),
            path="/approvals/" if waiting.rows else "/approvals/?tab=attention",
        )
    return True


def _words(waiting: Batch, looking: Batch, moment: datetime) -> str:
    parts = []
    if waiting.rows:
        waits = "1 action waits" if waiting.rows == 1 else f"{waiting.rows} actions wait"
        age = _age(waiting.oldest or moment, moment)
        parts.append(f"{waits} for approval, the oldest for {age}")
    if looking.rows:
        needs = "1 needs attention" if looking.rows == 1 else f"{looking.rows} need attention"
        parts.append(needs)
    return "; ".join(parts)


def _age(since: datetime, moment: datetime) -> str:
    seconds = int((moment - since).total_seconds())
    found = next((f"{seconds // size} {unit}" for size, unit in _UNITS if seconds >= size), "")
    return found or "a moment"
