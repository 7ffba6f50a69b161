"""`manage.py create_api_key --workspace acme --user ada@acme.test --scopes contacts:read,...`."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Membership
from accounts.services import api_keys
from accounts.services.api_keys import NewKey
from core.access import Role, Scope
from core.actor import Actor
from core.errors import AppError


class Command(BaseCommand):
    """Makes a key for a member; the right to run commands here replaces the password."""

    help = "Create an API key and print it once, alone on the last line."

    def add_arguments(self, parser: CommandParser) -> None:
        """Workspace, user and scopes are required."""
        parser.add_argument("--workspace", required=True, help="workspace slug, e.g. acme")
        parser.add_argument("--user", required=True, help="e-mail address of the user it acts for")
        parser.add_argument("--scopes", required=True, help="comma-separated")
        parser.add_argument("--role", default=Role.MEMBER.value, choices=list(Role))
        parser.add_argument("--name", default="Created by command", help="display name")
        parser.add_argument("--days", type=int, help="days until it expires; default: never")
        parser.add_argument(
            "--rate-limit", default="", help="e.g. 500/15m; default: the installation's limit"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints the key alone on the last line."""
        membership = _membership(options["workspace"], options["user"])
        days: int | None = options["days"]
        new_key = NewKey(
            name=options["name"],
            scopes=frozenset(_scope(word) for word in options["scopes"].split(",") if word.strip()),
            role=Role(options["role"]),
            lifetime=timedelta(days=days) if days else None,
            rate_limit=options["rate_limit"],
        )
        actor = Actor.for_job("accounts.create_api_key", str(membership.workspace_id))
        try:
            key = api_keys.issue(actor, membership, new_key)
        except AppError as error:
            raise CommandError(error.words) from error
        self.stdout.write(f"API key for {membership.user} as {new_key.role}, shown only once:")
        self.stdout.write(key)


def _membership(slug: str, email: str) -> Membership:
    found = Membership.objects.filter(
        workspace__slug=slug, user__email=email.lower(), is_active=True, user__is_active=True
    ).first()
    if found is None:
        raise CommandError(f"The workspace {slug} has no active member with the address {email}.")
    return found


def _scope(word: str) -> Scope:
    try:
        return Scope(word.strip())
    except ValueError:
        known = ", ".join(Scope)
        raise CommandError(f"Unknown scope {word.strip()!r}. Valid: {known}.") from None
