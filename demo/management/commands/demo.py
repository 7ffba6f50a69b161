"""`manage.py demo`: fills the demo's workspaces, up to now."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import AppError
from demo import load
from demo.people import passwords

_DEFAULT = load.Size()


class Command(BaseCommand):
    """Makes the demo, or adds what has happened since the last time. Never the same twice."""

    help = "Fill the demo's two workspaces, or bring them up to today."

    def add_arguments(self, parser: CommandParser) -> None:
        """The numbers are least ones, of the workspace acme; a later run keeps the first one's."""
        parser.add_argument("--contacts", type=int, help=f"default {_DEFAULT.contacts}")
        parser.add_argument("--events", type=int, help=f"in 90 days, default {_DEFAULT.events}")
        parser.add_argument("--seed", type=int, help=f"default {_DEFAULT.seed}")
        parser.add_argument(
            "--random-passwords", action="store_true", help="for new logins, printed only once"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """One line a stage; with random passwords a line `address password` for each new login."""
        asked = {name: options[name] for name in ("contacts", "events", "seed")}
        wanted = {name: value for name, value in asked.items() if value is not None}
        _refuse_elsewhere()
        _refuse_too_few(wanted)
        chosen = passwords(at_random=options["random_passwords"])
        try:
            new_logins = load.load(wanted, chosen, self.stdout.write)
        except load.OtherSize as other:
            raise CommandError(
                f"This demo was made with --contacts {other.first.contacts} --events "
                f"{other.first.events} --seed {other.first.seed}; use another VAR_DIR for "
                "other values."
            ) from other
        except AppError as error:
            raise CommandError(f"The demo could not be filled: {error.message}") from error
        if options["random_passwords"]:
            for email in new_logins:
                self.stdout.write(f"{email} {chosen[email]}")


def _refuse_elsewhere() -> None:
    if not settings.DEMO:
        raise CommandError("The demo is filled only with DEMO=1.")
    others = load.foreign_workspaces()
    if others:
        raise CommandError(
            f"This database has a workspace that is not the demo's ({', '.join(others)}); use "
            "another VAR_DIR or DATABASE_URL."
        )


def _refuse_too_few(wanted: dict[str, int]) -> None:
    for name in ("contacts", "events"):
        if wanted.get(name, 1) < 1:
            raise CommandError(f"--{name} must be at least 1.")
