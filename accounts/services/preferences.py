"""A person's own preferences, and the names an admin allows in notices."""

import zoneinfo

from accounts import notification_channels
from accounts.models import Membership, User, Workspace
from accounts.models.user import NOTICE_CHOICES
from core.access import Role
from core.actor import Actor
from core.errors import NotFound, ValidationFailed
from core.page_operations import Done, page_operation
from core.schemas import plain_name


def person(actor: Actor) -> User:
    """The person behind a session. Raises NotFound if there is none."""
    found = User.objects.filter(pk=actor.user_id).first()
    if found is None:
        raise NotFound("person")
    return found


def notice_place(actor: Actor) -> str:
    """Where the person wants this workspace's notices; empty: by mail."""
    rows = Membership.objects.filter(user_id=actor.user_id, workspace_id=actor.workspace_id)
    chosen = rows.values_list("notice_place", flat=True).first() or ""
    return chosen if chosen in dict(notification_channels.places(actor.workspace_id)) else ""


@page_operation("accounts.person.change", role=Role.VIEWER)
def change(
    actor: Actor, *, name: str, time_zone: str, notices: str, notice_place: str = ""
) -> Done:
    """Change one's own name, zone and notices, and where this workspace's go."""
    given = {"name": plain_name(name, 120), "time_zone": time_zone, "notices": notices}
    if not given["name"]:
        raise ValidationFailed("Enter a name.", field="name")
    if time_zone and time_zone not in zoneinfo.available_timezones():
        raise ValidationFailed("Unknown time zone.", field="time_zone")
    if notices not in dict(NOTICE_CHOICES):
        raise ValidationFailed(
            "Invalid choice.", field="notices", valid_values=list(dict(NOTICE_CHOICES))
        )
    if notice_place not in {"", *dict(notification_channels.places(actor.workspace_id))}:
        raise ValidationFailed("Notifications can't be sent there.", field="notice_place")
    user = person(actor)
    place = Membership.objects.filter(user=user, workspace_id=actor.workspace_id)
    moved = place.exclude(notice_place=notice_place).update(notice_place=notice_place)
    changed = [key for key, value in given.items() if getattr(user, key) != value]
    User.objects.filter(pk=user.pk).update(**given)
    changed += ["notice_place"] if moved else []
    return Done(fields=changed, changed=bool(changed))


@page_operation("accounts.workspace.names_in_notices")
def let_notices_name(actor: Actor, *, allowed: bool) -> Done:
    """Whether notices may name people outside."""
    place = Workspace.objects.filter(pk=actor.workspace_id)
    changed = place.exclude(names_in_notices=allowed).update(names_in_notices=allowed)
    verdict = "allowed" if allowed else "forbidden"
    return Done(fields=(), verdict=verdict, changed=bool(changed))
