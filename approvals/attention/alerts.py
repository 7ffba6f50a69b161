"""Opening attention items: one row per person, until Seen, Retry or Drop (attention-1).

Any app above may `raise_` one for a channel, an agent or a rule; transitions do for actions. The
caller holds the transaction.
"""

from collections.abc import Iterable

from django.db.models import F

from accounts import actors
from accounts.services import notices
from approvals import labels, links
from approvals.attention.kinds import WORDS, How, Kind, kind_of
from approvals.models import Action, Attention
from approvals.models.attention import AttentionQuerySet
from approvals.vocabulary import Detail, Status
from core import clock
from core.actor import Actor, ActorKind
from core.schemas import plain_name


def raise_(
    workspace_id: str,
    kind: Kind,
    subject_id: str,
    people: Iterable[str | None],
    *,
    about: str,
    path: str,
    action: Action | None = None,
) -> None:
    """Open an attention item for each of these members, unless one is open.

    `about` names it in our words ("E-mail to ana@example.com", "The sender Mia Moss"), `path` is
    the page to look at. If none of them is still a member, the admins get it.
    """
    members = _members(workspace_id, people) or notices.admins_of(workspace_id)
    for user_id in members:
        _raise_for(workspace_id, kind, subject_id, user_id, about, path, action)
    rows = _open(workspace_id, subject_id).filter(kind=kind, user_id__in=members)
    what = labels.label_of(action) if action else plain_name(about)
    for row in rows:
        notices.post(
            workspace_id,
            [str(row.user_id)],
            notices.Kind.ATTENTION,
            f"attention:{row.pk}",
            what=f"{what}: {WORDS[kind]}",
            path=path,
            name=plain_name(about) if action else "",
        )


def raise_for_channel(
    workspace_id: str, kind: Kind, subject_id: str, owner_id: str | None, *, about: str, path: str
) -> None:
    """A channel's owner and every admin."""
    people = [owner_id, *notices.admins_of(workspace_id)]
    raise_(workspace_id, kind, subject_id, people, about=about, path=path)


def close_alerts(
    workspace_id: str,
    subject_id: str,
    how: How,
    *,
    user_id: str | None = None,
    but: Kind | None = None,
) -> int:
    """Close the open rows about a subject, of all or one person; returns the number."""
    rows = _open(workspace_id, subject_id)
    if user_id is not None:
        rows = rows.filter(user_id=user_id)
    if but is not None:
        rows = rows.exclude(kind=but)
    return rows.update(closed_at=clock.now(), how=how)


def follow_transition(
    actor: Actor, action: Action, before: Status, decider_id: str | None, what: str
) -> None:
    """Called for every transition: closes items that are over, opens new ones.

    A person whose own edit voids an approval gets none.
    """
    kind = kind_of(before, Status(action.status), Detail(action.status_detail), what)
    place, subject = str(action.workspace_id), str(action.pk)
    close_alerts(place, subject, How.MOVED_ON, but=kind)
    if kind is None:
        return
    people = {_text(action.requested_by_id), decider_id, _text(action.decided_by_id)} - {None}
    if kind is Kind.VOIDED and actor.kind is ActorKind.PERSON:
        people -= {actor.user_id}
        if not people:
            return
    raise_for_action(action, kind, people)


def raise_for_action(action: Action, kind: Kind, people: Iterable[str | None] = ()) -> None:
    """These people, or else the requester and the decider of an action."""
    subject = str(action.pk)
    raise_(
        str(action.workspace_id),
        kind,
        subject,
        set(people) or {_text(action.requested_by_id), _text(action.decided_by_id)},
        about=labels.short_headline(action),
        path=links.path(subject),
        action=action,
    )


def _raise_for(
    workspace_id: str,
    kind: Kind,
    subject_id: str,
    user_id: str,
    about: str,
    path: str,
    action: Action | None,
) -> None:
    open_one = _open(workspace_id, subject_id).filter(kind=kind, user_id=user_id)
    if open_one.update(count=F("count") + 1):
        return
    row = Attention(
        workspace_id=workspace_id,
        user_id=user_id,
        kind=kind,
        subject_id=subject_id,
        action=action,
        about=plain_name(about, 200),
        path=path,
        opened_at=clock.now(),
    )
    Attention.objects.bulk_create([row], ignore_conflicts=True)  # another call may be faster


def _open(workspace_id: str, subject_id: str) -> AttentionQuerySet:
    return Attention.objects.filter(
        workspace_id=workspace_id, subject_id=subject_id, closed_at=None
    )


def _members(workspace_id: str, people: Iterable[str | None]) -> list[str]:
    return sorted(actors.memberships_in(workspace_id, people))


def _text(value: object) -> str | None:
    return str(value) if value else None
