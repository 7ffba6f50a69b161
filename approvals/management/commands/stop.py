from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from approvals.stopping import stops
from approvals.stopping.kill_switch import stop_everything


class Command(BaseCommand):
    """The operator's kill switch."""

    help = "Stop every workspace: nothing changes and nothing is sent until `manage.py resume`."

    def add_arguments(self, parser: CommandParser) -> None:
        """A reason that people will read."""
        parser.add_argument("--reason", default="", help="why, shown on the page Settings, Stop")

    def handle(self, *args: Any, **options: Any) -> None:
        """Stop; repeating it changes nothing."""
        self.stdout.write(stops.sentence(stop_everything(options["reason"])))
