"""`manage.py verify_email --user ada@example.com`: the link with which she proves her address."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import link_mail
from accounts.models import User
from accounts.services import verification


class Command(BaseCommand):
    """Prints a link; opening it while logged in as that person verifies the address.

    With system mail it is also mailed.
    """

    help = "Print a link to verify a user's e-mail address."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", required=True, help="e-mail address of the account")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints the link alone on the last line."""
        user = User.objects.filter(email=options["user"].strip().lower(), is_active=True).first()
        if user is None:
            raise CommandError("No account has this address.")
        if user.email_verified_at is not None:
            raise CommandError(f"{user.email} is already verified.")
        link = verification.link_of(user)
        how = "E-mailed to" if link_mail.verify(user.email, link) else "Send it to"
        self.stdout.write(
            f"{how} the address. The user must be logged in to open it, within 7 days:"
        )
        self.stdout.write(link)
