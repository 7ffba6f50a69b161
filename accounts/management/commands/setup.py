"""`manage.py setup --workspace NAME --admin MAIL`: creates a workspace for real data."""

from collections.abc import Callable
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils.text import slugify

from accounts.models import Workspace
from accounts.services.invitations import invite
from core import clock
from core.access import Role
from core.actor import Actor
from core.errors import AppError


class Command(BaseCommand):
    """Makes an empty workspace and prints a link with which its admin sets a password."""

    help = "Create an empty workspace and print the link for its admin to set a password."

    def add_arguments(self, parser: CommandParser) -> None:
        """Both arguments are required."""
        parser.add_argument("--workspace", required=True, help='workspace name, e.g. "Example Ltd"')
        parser.add_argument("--admin", required=True, help="e-mail address of its first admin")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints the link alone on the last line. Before anyone joined, a second call renews it."""
        prepare_database(self.stdout.write)
        try:
            link = set_up(options["workspace"], options["admin"])
        except AppError as error:
            raise CommandError(error.words) from error
        self.stdout.write("Workspace created. Open this link within 7 days; it works once:")
        self.stdout.write(link)


def prepare_database(say: Callable[[str], object]) -> None:
    """Run missing migrations: an installation with real data starts with this command."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        say("Migrating the database.")
        call_command("migrate", verbosity=0, interactive=False)


def set_up(name: str, admin: str) -> str:
    """A workspace without members, and the link for its first admin.

    Raises CommandError when the name is unusable or its workspace has members, AppError from the
    invitation.
    """
    name = name.strip()[:120]
    slug = slugify(name)[:60].strip("-")
    if not slug:
        raise CommandError("--workspace needs a name that contains letters or digits.")
    with transaction.atomic():
        workspace, _ = Workspace.objects.get_or_create(slug=slug, defaults={"name": name})
        if workspace.memberships.exists():
            raise CommandError(
                f"The workspace {workspace} has members already; ask an admin to invite you."
            )
        # An earlier link would admit a second person unnoticed: only the newest one works.
        workspace.invitations.filter(used_at=None).update(revoked_at=clock.now())
        return invite(Actor.for_job("accounts.setup", str(workspace.pk)), admin, Role.ADMIN)
