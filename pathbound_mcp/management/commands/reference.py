"""`manage.py reference`: writes docs/reference from the code."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from pathbound_mcp import reference
from pathbound_mcp.env import ROOT

FOLDER = ROOT / "docs" / "reference"


class Command(BaseCommand):
    """Writes the files, or with --check fails when one is out of date."""

    help = "Write docs/reference from the code."

    def add_arguments(self, parser: CommandParser) -> None:
        """--check writes nothing."""
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare or write."""
        texts = {name: reference.page(name) for name in reference.PAGES}
        if options["check"]:
            _compare(texts)
            return
        FOLDER.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (FOLDER / name).write_text(text)


def _compare(texts: dict[str, str]) -> None:
    found = {path.name: path.read_text() for path in FOLDER.glob("*.md")}
    stale = sorted(
        name for name in texts.keys() | found.keys() if texts.get(name) != found.get(name)
    )
    if stale:
        raise CommandError(f"Run `make docs` and look at {', '.join(stale)}.")
