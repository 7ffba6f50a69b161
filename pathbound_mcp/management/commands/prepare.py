"""`manage.py prepare`: prepares a run before its processes start; called by the supervisor."""

import json
import secrets
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from accounts.models import User
from pathbound_mcp import checks


class Command(BaseCommand):
    """Checks, migrates, fills the demo; prints {"logins": [...]} as its last line."""

    help = "Check the installation, migrate, and in DEMO fill the demo."
    requires_system_checks: Any = ()  # it runs its own, and reports an error in one line

    def handle(self, *args: Any, **options: Any) -> None:
        """Progress goes to stderr, so that the last line of stdout is for the supervisor."""
        self._refuse(checks.first_fault(checks.installation(None)))
        try:
            call_command("migrate", verbosity=0, interactive=False)
        except OperationalError as error:
            raise CommandError(f"The database is not responding: {error}") from error
        logins = self._demo() if settings.DEMO else []
        self._refuse(checks.first_fault(checks.demo_passwords(None, databases=["default"])))
        self.stdout.write(json.dumps({"logins": logins}))

    def _refuse(self, fault: str) -> None:
        if fault:
            raise CommandError(fault)

    def _demo(self) -> list[dict[str, str]]:
        if settings.ENV.DATABASE_URL:
            self.stderr.write("DATABASE_URL is set, so the demo's data is not loaded into it.")
            return []
        if "demo" in get_commands():
            self.stderr.write("Filling the demo.")
            call_command("demo", stdout=self.stderr, stderr=self.stderr)
        return demo_logins()


def demo_logins() -> list[dict[str, str]]:
    """Email, role and password of the demo's people.

    On a public origin users with the public password get a random one, shown once.
    """
    people = User.objects.filter(
        is_active=True, email__regex=rf"@({'|'.join(checks.DEMO_DOMAINS)})$"
    ).prefetch_related("memberships__workspace")
    return [
        {"email": user.email, "role": _role(user), "password": _password(user)}
        for user in people.order_by("created_at")
    ]


def _role(user: User) -> str:
    places = [f"{member.role}, {member.workspace}" for member in user.memberships.all()]
    return "; ".join(places) or "operator, /admin/ only"


def _password(user: User) -> str:
    if not user.check_password(checks.DEMO_PASSWORD):
        return "as set or shown before"
    if settings.IS_LOOPBACK:
        return checks.DEMO_PASSWORD
    fresh = secrets.token_urlsafe(12)
    user.set_password(fresh)
    user.save(update_fields=["password"])
    return fresh
