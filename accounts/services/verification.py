"""Verifies an e-mail address: its owner, logged in, opens a link made for it.

Joining by an invitation verifies it too. The link is made by another admin or by the operator,
never by the person; it holds the address, so a changed one is unverified.
"""

from django.conf import settings
from django.core import signing

from accounts.models import Membership, User
from accounts.services import preferences
from accounts.services.invitations import LIFETIME
from core import clock
from core.access import Role
from core.actor import Actor
from core.errors import Conflict, Forbidden, NotFound, ValidationFailed
from core.page_operations import Done, page_operation

_SALT = "accounts.verify_email"


@page_operation("accounts.verification.link")
def link_by_admin(actor: Actor, membership_id: str) -> Done[tuple[str, str]]:
    """A link for another member of the workspace, and the member's address.

    Raises NotFound, or Conflict for oneself and for who is verified already.
    """
    rows = Membership.objects.filter(workspace_id=actor.workspace_id, is_active=True)
    member = rows.filter(pk=membership_id).select_related("user").first()
    if member is None:
        raise NotFound("member")
    if member.user_id == actor.user_id:
        raise Conflict(
            "You cannot create a verification link for yourself.",
            hint="Ask another admin, or the operator, who can run manage.py verify_email.",
        )
    if member.user.email_verified_at is not None:
        raise Conflict("This address is already verified.")
    return Done((link_of(member.user), member.user.email))


def link_of(user: User) -> str:
    """An absolute link that verifies the user's address of today; valid for 7 days."""
    token = signing.dumps({"user": str(user.pk), "email": user.email}, salt=_SALT)
    return f"{settings.PUBLIC_BASE_URL}/verify/{token}/"


def check_link(token: str, user: User) -> None:
    """Raise ValidationFailed for an invalid or expired link, Conflict for another user's."""
    try:
        made_for = signing.loads(token, salt=_SALT, max_age=LIFETIME)
    except signing.BadSignature as error:
        raise ValidationFailed(
            "This link is invalid or older than 7 days.",
            hint="Ask for a new one.",
        ) from error
    if made_for != {"user": str(user.pk), "email": user.email}:
        raise Conflict(
            "This link is for another account or address.",
            hint="Log in with the account it was created for.",
        )


@page_operation("accounts.verification.done", role=Role.VIEWER)
def verify(actor: Actor, token: str) -> Done:
    """Mark the logged-in person's address as verified; idempotent."""
    user = preferences.person(actor)
    check_link(token, user)
    unproved = User.objects.filter(pk=user.pk, email=user.email, email_verified_at=None)
    is_first = bool(unproved.update(email_verified_at=clock.now()))
    return Done(object_ids={"user_id": str(user.pk)}, fields=(), changed=is_first)


def is_verified(actor: Actor) -> bool:
    """Whether the actor's address is proved."""
    return User.objects.filter(pk=actor.user_id, email_verified_at__isnull=False).exists()


def require_verified(actor: Actor) -> None:
    """Raise Forbidden unless it is."""
    if not is_verified(actor):
        raise Forbidden(
            "Verify your e-mail address before you create an API key.",
            hint="Another admin can create the link under Settings, Members; the operator can run "
            "manage.py verify_email.",
        )
