import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tools import snapshots


class Command(BaseCommand):
    """Writes tests/contract/snapshots; --check compares instead, --export writes one tools/list."""

    help = "Write the tools' definitions as files, check them, or export them as one tools/list."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--check and --export FILE."""
        parser.add_argument("--check", action="store_true", help="compare, write nothing")
        parser.add_argument("--export", type=Path, metavar="FILE", help="one tools/list result")

    def handle(self, **options: Any) -> None:
        """Write, compare or export."""
        folder = Path(settings.ROOT) / "tests" / "contract" / "snapshots"
        if options["export"]:
            options["export"].write_text(json.dumps(snapshots.listing(), ensure_ascii=False))
        elif options["check"]:
            self._check(folder)
        else:
            snapshots.write(folder)
            for name, scopes, role in snapshots.access_table():
                self.stdout.write(f"{name:32}{role:10}{scopes}")

    def _check(self, folder: Path) -> None:
        faults = snapshots.over_budget()
        stale = snapshots.differences(folder)
        if stale:
            faults.append(f"Run `make snapshots` and look at {', '.join(stale)}.")
        if faults:
            raise CommandError("\n".join(faults))
