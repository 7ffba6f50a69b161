"""Notifications: each occasion once, sent outside every transaction, granting no authority.

1. `post` writes rows in the transaction of their occasion; the same slot twice is one row.
2. `send_due`, a step of the dispatch process, claims rows by compare-and-set and sends each person
   one digest, by mail or the chosen channel. It says count, type and age; its links open pages
   behind the login and do nothing by themselves (attention-3).
3. Names appear only if an admin of the workspace allows it; texts never.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum

import structlog
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts import notification_channels
from accounts.models import Membership, Notice, User
from accounts.notice_mail import compose, render
from core import clock, system_mail
from core.access import Role
from core.errors import AppError

log = structlog.get_logger(__name__)

MOST_TRIES = 5
CLAIM = timedelta(seconds=90)
WORTH_SENDING = timedelta(days=1)
_BATCH = 200


class Kind(StrEnum):
    """A notice's topic; people can turn off the first three only."""

    ATTENTION = "attention"
    DIGEST = "digest"
    EXPIRY = "expiry"
    CONNECTION = "connection"
    ACCESS = "access"
    AUDIT = "audit"


_CHOSEN: dict[Kind, set[str]] = {
    Kind.ATTENTION: {"at_once"},
    Kind.DIGEST: {"at_once", "digest"},
    Kind.EXPIRY: {"at_once", "digest"},
}


def post(
    workspace_id: str, user_ids: Iterable[str | None], kind: Kind, slot: str, **facts: str | int
) -> None:
    """Queue a notice to these members, once; the caller holds the transaction.

    `facts`: `what` in our words, a `path` of our site, `count`, and `name`, which is stored only if
    the workspace allows names in notices.
    """
    people = _members(workspace_id, user_ids)
    wanted = _CHOSEN.get(kind)
    if wanted is not None:
        people = people.filter(user__notices__in=wanted)
    moment = clock.now()
    Notice.objects.bulk_create(
        [
            Notice(
                workspace_id=workspace_id,
                user_id=member.user_id,
                kind=kind,
                slot=slot[:80],
                facts=facts if member.workspace.names_in_notices else _nameless(facts),
                created_at=moment,
            )
            for member in people
        ],
        ignore_conflicts=True,
    )


def admins_of(workspace_id: str) -> list[str]:
    """The ids of the workspace's live admins."""
    return _holders_of(workspace_id, [Role.ADMIN])


def deciders_of(workspace_id: str) -> list[str]:
    """The ids of the workspace's live reviewers and admins."""
    return _holders_of(workspace_id, [Role.REVIEWER, Role.ADMIN])


def recent(user: User) -> list[Notice]:
    """This person's latest notices, including those not sent for lack of system mail."""
    rows = Notice.objects.filter(user=user).select_related("workspace")
    return list(rows.order_by("-created_at")[:20])


def send_due() -> int:
    """Send due notices, one digest for each person and workspace; returns the number of notices."""
    piles: dict[tuple[str, str], list[Notice]] = defaultdict(list)
    for notice in _sendable().select_related("user", "workspace").order_by("created_at")[:_BATCH]:
        if _claim(notice):
            piles[str(notice.user_id), str(notice.workspace_id)].append(notice)
    return sum(_send(pile) for pile in piles.values())


def _sendable() -> QuerySet[Notice]:
    """Due notices with a channel: without system mail only those for other channels."""
    if system_mail.is_configured():
        return _due()
    elsewhere = Membership.objects.filter(
        user=OuterRef("user"), workspace=OuterRef("workspace")
    ).exclude(notice_place="")
    return _due().filter(Exists(elsewhere))


def _due() -> QuerySet[Notice]:
    moment = clock.now()
    free = Q(claimed_until=None) | Q(claimed_until__lt=moment)
    return Notice.objects.filter(
        free, sent_at=None, tries__lt=MOST_TRIES, created_at__gt=moment - WORTH_SENDING
    )


def _claim(notice: Notice) -> bool:
    mine = _due().filter(pk=notice.pk, tries=notice.tries)
    return bool(mine.update(claimed_until=clock.now() + CLAIM, tries=F("tries") + 1))


def _send(pile: list[Notice]) -> bool:
    member = _members(str(pile[0].workspace_id), [str(pile[0].user_id)]).first()
    if member is None:
        _end(pile)  # former members get no more notices
        return False
    if not _delivered(member, pile):
        # The claim runs out and another round tries again.
        log.warning("notices.not_sent", user=str(member.user_id), count=len(pile))
        return False
    _end(pile)
    return True


def _delivered(member: Membership, pile: list[Notice]) -> bool:
    """Send by the member's chosen channel; by mail if that no longer works."""
    what = compose(pile)
    if member.notice_place:
        try:
            notification_channels.deliver(str(member.workspace_id), member.notice_place, what)
        except notification_channels.NotDelivered:
            log.info("notices.by_mail_instead", member=str(member.pk))
        except AppError:
            return False
        else:
            return True
    subject, body = render(what)
    return system_mail.send(pile[0].user.email, subject, body)


def _end(pile: list[Notice]) -> None:
    Notice.objects.filter(pk__in=[notice.pk for notice in pile]).update(sent_at=clock.now())


def _members(workspace_id: str, user_ids: Iterable[str | None]) -> QuerySet[Membership]:
    return Membership.objects.filter(
        workspace_id=workspace_id,
        user_id__in={user_id for user_id in user_ids if user_id},
        is_active=True,
        user__is_active=True,
    ).select_related("workspace")


def _holders_of(workspace_id: str, roles: list[Role]) -> list[str]:
    rows = Membership.objects.filter(
        workspace_id=workspace_id, role__in=roles, is_active=True, user__is_active=True
    )
    return [str(pk) for pk in rows.values_list("user_id", flat=True)]


def _nameless(facts: dict[str, str | int]) -> dict[str, str | int]:
    return {key: value for key, value in facts.items() if key != "name"}
