"""`manage.py env_example`: writes .env.example from the descriptions in env.py."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from pathbound_mcp.env import ROOT, Environment

FILE = ROOT / ".env.example"
HEAD = """\
# Every variable this project reads, with its default. Copy to .env and change what you need;
# process variables override the file. Written by `manage.py env_example`.
"""


class Command(BaseCommand):
    """Writes the file, or with --check fails when it is out of date."""

    help = "Write .env.example from the descriptions in env.py."

    def add_arguments(self, parser: CommandParser) -> None:
        """--check writes nothing."""
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare or write."""
        text = HEAD + "".join(_entry(*item) for item in Environment.model_fields.items())
        if not options["check"]:
            FILE.write_text(text)
        elif not FILE.exists() or FILE.read_text() != text:
            raise CommandError(".env.example is out of date; run manage.py env_example.")


def _entry(name: str, field: FieldInfo) -> str:
    return f"\n# {field.description}\n#{name}={_shown(field.default)}\n"


def _shown(default: Any) -> str:
    if isinstance(default, Path):
        return str(default.relative_to(ROOT))
    if isinstance(default, bool):
        return str(int(default))
    if default is None or isinstance(default, SecretStr):
        return ""
    return str(default)
