from typing import Any

from django.core.management.base import BaseCommand, CommandError

from approvals.stopping.kill_switch import resume_everything
from core.errors import Conflict


class Command(BaseCommand):
    """Lifts the operator's own stop."""

    help = "Resume what `manage.py stop` stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        """Resume, and say how many actions wait for a person again."""
        try:
            returned = resume_everything()
        except Conflict as error:
            raise CommandError("Nothing is stopped.") from error
        self.stdout.write(f"Resumed. Actions that need approval again: {returned}.")
        self.stdout.write("Workspaces stopped by their own reviewers stay stopped.")
