"""Joining by link: made once, shown once, used once; only its hash is stored."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts.models import Invitation, Membership, User
from core import addresses, audit, clock
from core.access import Role
from core.actor import Actor, ActorKind, Surface
from core.db import unit
from core.errors import Conflict, NotFound, ValidationFailed
from core.page_operations import Done, page_operation
from core.tokens import checksum

LIFETIME = timedelta(days=7)


@page_operation("accounts.invitation.create")
def invite(actor: Actor, email: str, role: Role) -> Done[str]:
    """An absolute link that lets the owner of `email` join with `role`; valid for 7 days.

    Raises Conflict when the person is already a member.
    """
    address = addresses.normalize(email)
    token = secrets.token_urlsafe(32)
    members = Membership.objects.filter(workspace_id=actor.workspace_id, is_active=True)
    if members.filter(user__email=address).exists():
        raise Conflict("This person is already a member.", field="email")
    invitation = Invitation.objects.create(
        workspace_id=actor.workspace_id,
        email=address,
        role=role,
        digest=checksum(token),
        invited_by_id=actor.user_id,
        expires_at=clock.now() + LIFETIME,
    )
    link = f"{settings.PUBLIC_BASE_URL}/join/{token}/"
    return Done(link, object_ids={"invitation_id": str(invitation.pk)})


def open_invitations(actor: Actor) -> QuerySet[Invitation]:
    """Invitations of the workspace that can still be used, newest first."""
    return Invitation.objects.filter(
        workspace_id=actor.workspace_id, used_at=None, revoked_at=None, expires_at__gt=clock.now()
    ).order_by("-created_at")


@page_operation("accounts.invitation.revoke")
def revoke(actor: Actor, invitation_id: str) -> Done:
    """Make a link useless."""
    if not open_invitations(actor).filter(pk=invitation_id).update(revoked_at=clock.now()):
        raise NotFound("invitation")
    return Done()


def find_open(token: str) -> Invitation:
    """The open invitation behind a link's token; raises NotFound for any other."""
    found = (
        Invitation.objects.filter(
            digest=checksum(token), used_at=None, revoked_at=None, expires_at__gt=clock.now()
        )
        .select_related("workspace")
        .first()
    )
    if found is None:
        raise NotFound("invitation")
    return found


def accept(token: str, *, name: str, password: str) -> User:
    """Join as a new person. Raises Conflict when the address has an account: log in first.

    A user without a password sets one by the link, unless the account opens more than this
    workspace: the link's maker could take over the others.
    """
    invitation = find_open(token)
    person = User.objects.filter(email=invitation.email).first() or User(email=invitation.email)
    if person.password and (person.has_usable_password() or _opens_more(person, invitation)):
        raise Conflict(
            "This address already has an account.", hint="Log in, then open the link again."
        )
    person.name = name.strip()[:120]
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise ValidationFailed(" ".join(error.messages), field="password") from error
    person.email_verified_at = clock.now()
    person.set_password(password)  # before the transaction: hashing is slow
    with unit():
        _use(invitation)
        person.save()
        _join(invitation, person)
    return person


def accept_as(token: str, user: User) -> Membership:
    """Join with the account one is logged in as; it must own the invited address.

    Raises NotFound, or Conflict for another address and for who is already a member.
    """
    invitation = find_open(token)
    if user.email != invitation.email:
        raise Conflict(
            "This invitation is for another address.", hint="Log in with the invited address."
        )
    with unit():
        _use(invitation)
        unproved = User.objects.filter(pk=user.pk, email_verified_at=None)
        unproved.update(email_verified_at=clock.now())
        return _join(invitation, user)


def _opens_more(person: User, invitation: Invitation) -> bool:
    elsewhere = person.memberships.exclude(workspace_id=invitation.workspace_id)
    return person.is_staff or person.is_superuser or elsewhere.exists()


def _use(invitation: Invitation) -> None:
    used = Invitation.objects.filter(pk=invitation.pk, used_at=None, revoked_at=None)
    if not used.update(used_at=clock.now()):
        raise NotFound("invitation")


def _join(invitation: Invitation, user: User) -> Membership:
    same = Membership.objects.filter(workspace_id=invitation.workspace_id, user=user)
    if same.filter(is_active=True).exists():
        raise Conflict("This person is already a member.", hint="An admin can change the role.")
    membership, _ = Membership.objects.update_or_create(
        workspace_id=invitation.workspace_id,
        user=user,
        defaults={"role": invitation.role, "is_active": True},
    )
    actor = Actor(
        workspace_id=str(invitation.workspace_id),
        kind=ActorKind.PERSON,
        surface=Surface.DASHBOARD,
        role=Role(invitation.role),
        name=str(user),
        user_id=str(user.pk),
    )
    audit.record(
        actor, "accounts.invitation.accept", object_ids={"membership_id": str(membership.pk)}
    )
    return membership
