"""The demo's workspaces and the people who log in to them."""

import secrets
from typing import NamedTuple

from django.db import transaction

from accounts.models import Membership, User, Workspace
from core import clock
from core.access import Role
from pathbound_mcp.checks import DEMO_PASSWORD

WORKSPACES = {"acme": "Acme", "globex": "Globex"}


class Login(NamedTuple):
    """Somebody who logs in; without a workspace it is the operator, for /admin/ only."""

    email: str
    name: str
    workspace: str = ""
    role: Role = Role.VIEWER


LOGINS = (
    Login("ada@acme.test", "Ada Lind", "acme", Role.ADMIN),
    Login("rex@acme.test", "Rex Okafor", "acme", Role.REVIEWER),
    Login("mia@acme.test", "Mia Moss", "acme", Role.MEMBER),
    Login("vic@acme.test", "Vic Tran", "acme", Role.VIEWER),
    Login("gil@globex.test", "Gil Sato", "globex", Role.ADMIN),
    Login("ops@demo.test", "Demo operator"),
)


def workspaces() -> dict[str, Workspace]:
    """The demo's workspaces by slug, made when they are missing."""
    return {
        slug: Workspace.objects.get_or_create(slug=slug, defaults={"name": name})[0]
        for slug, name in WORKSPACES.items()
    }


def people(places: dict[str, Workspace], chosen: dict[str, str]) -> list[str]:
    """Make whoever is missing; returns the addresses of the new ones.

    Who is there keeps password, name and role: somebody may have tried the settings.
    """
    with transaction.atomic():
        return [login.email for login in LOGINS if _join(login, places, chosen)]


def passwords(*, at_random: bool) -> dict[str, str]:
    """A password for every login, by address: the public one, or one nobody knows yet."""
    return {
        login.email: secrets.token_urlsafe(12) if at_random else DEMO_PASSWORD for login in LOGINS
    }


def _join(login: Login, places: dict[str, Workspace], chosen: dict[str, str]) -> bool:
    user = User.objects.filter(email=login.email).first()
    is_new = user is None
    if user is None:
        make = User.objects.create_user if login.workspace else User.objects.create_superuser
        user = make(login.email, chosen[login.email], name=login.name)
    unverified = User.objects.filter(pk=user.pk, email_verified_at=None)
    unverified.update(email_verified_at=clock.now())
    if login.workspace:
        Membership.objects.get_or_create(
            workspace=places[login.workspace], user=user, defaults={"role": login.role}
        )
    return is_new
