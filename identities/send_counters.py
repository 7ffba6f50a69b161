"""How much each sender sent today. Dispatch counts, the limits read (layers-3)."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import F, Max

from core import clock
from identities.models import Identity, SendCount


def today(identity: Identity) -> date:
    """The day it is in the zone of the sender's workspace."""
    return clock.now().astimezone(zone_of(identity)).date()


def zone_of(identity: Identity) -> ZoneInfo:
    """The zone of the sender's workspace."""
    return ZoneInfo(identity.workspace.time_zone)


def daily_limits(identity: Identity) -> dict[str, int]:
    """The sender's limit of each action type that has one; every other type has none."""
    return {
        "email_message": identity.email_daily_limit,
        "linkedin_connection": identity.linkedin_daily_limit,
    }


def sent_today(identity: Identity, what: str) -> int:
    """How many messages of this action type the sender sent today."""
    rows = SendCount.objects.filter(workspace_id=identity.workspace_id, identity=identity)
    found = rows.filter(what=what, day=today(identity)).values_list("number", flat=True).first()
    return found or 0


def sent_today_by_type(identity: Identity) -> dict[str, int]:
    """The day's numbers of everything the sender sent today."""
    rows = SendCount.objects.filter(workspace_id=identity.workspace_id, identity=identity)
    return dict(rows.filter(day=today(identity)).order_by("what").values_list("what", "number"))


def last_sent_at(identity: Identity, what: str | None = None) -> datetime | None:
    """When the sender last sent anything, or something of this type."""
    rows = SendCount.objects.filter(workspace_id=identity.workspace_id, identity=identity)
    rows = rows.filter(what=what) if what else rows
    found: datetime | None = rows.aggregate(last=Max("last_at"))["last"]
    return found


def count_one(identity: Identity, what: str) -> int:
    """Count a sent message; returns the day's number. Two at once count two."""
    moment, day = clock.now(), today(identity)
    rows = SendCount.objects.filter(
        workspace_id=identity.workspace_id, identity=identity, what=what, day=day
    )
    if not rows.update(number=F("number") + 1, last_at=moment):
        try:
            with transaction.atomic():
                SendCount.objects.create(
                    workspace_id=identity.workspace_id,
                    identity=identity,
                    what=what,
                    day=day,
                    number=1,
                    last_at=moment,
                )
                return 1
        except IntegrityError:  # another worker's first message of the day
            rows.update(number=F("number") + 1, last_at=moment)
    return sent_today(identity, what)
