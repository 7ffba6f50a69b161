"""The state of the outbox, for people and monitoring."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from approvals.sending.outbox import outbox
from core import clock

LATE_SECONDS = 60


class Command(BaseCommand):
    """Exit code 0: all well. 1: something is late. 3: unknown outcomes."""

    help = (
        "Show depth, oldest age and unknown outcomes of the outbox. Exits with 1 when the oldest "
        f"due action has waited for over {LATE_SECONDS} seconds (--late), with 3 when outcomes are "
        "unknown; for monitoring."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--late SECONDS`."""
        parser.add_argument("--late", type=int, default=LATE_SECONDS, help="seconds, 1 or more")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print, then fail if a person has to look."""
        if options["late"] < 1:
            raise CommandError("--late must be a whole number of at least 1.", returncode=2)
        found, moment = outbox(), clock.now()
        late = found.late_seconds(moment)
        for line in (
            f"due now           {found.due}",
            f"oldest due        {late:.0f} s",
            f"running           {found.running}",
            f"unknown outcomes  {found.unknown}",
            f"unsealed audit    {found.unsealed}",
            *(f"{status:<17} {count}" for status, count in found.by_status.items()),
        ):
            self.stdout.write(line)
        if late > options["late"]:
            raise CommandError(
                "The outbox is late. Is manage.py dispatch, or a worker, running?", returncode=1
            )
        if found.unknown:
            raise CommandError(
                "Outcomes are unknown; a person must settle each on its card.", returncode=3
            )
