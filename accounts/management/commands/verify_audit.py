"""Is every row of the audit log there, unchanged, in its place?"""

import re
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Workspace
from core import chain

OPERATORS = "operators"
_ANCHOR = re.compile(r"^(\d{1,18}):([0-9a-f]{64})$")


class Command(BaseCommand):
    """Exit code 0: every chain is whole. 1: something is wrong, the first fault is named."""

    help = (
        "Verify the audit chains of all workspaces, or of one. Prints each chain's head; give one "
        "noted earlier with --expect to prove that nothing before it was rewritten."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--workspace acme` (or `operators`), `--expect NUMBER:HASH`."""
        parser.add_argument("--workspace", help="a workspace's slug, or operators")
        parser.add_argument("--expect", help="a head noted earlier, NUMBER:HASH; with --workspace")

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify every chain; all faults are printed before the command fails."""
        anchor = _anchor(options["expect"], options["workspace"])
        places = _places(options["workspace"])
        faults = 0
        for name, workspace_id in places:
            report = chain.verify(workspace_id, anchor)
            chain.save_report(report)
            faults += bool(report.fault)
            verdict = f"FAULT {report.fault}" if report.fault else "intact"
            self.stdout.write(f"{name}: {report.rows} rows, {verdict}")
            self.stdout.write(f"  head {report.rows}:{report.head}")
        if faults:
            raise CommandError(
                "The audit log was altered. Keep a copy of the database and compare "
                "it with a backup.",
                returncode=1,
            )


def _anchor(text: str | None, workspace: str | None) -> chain.Anchor | None:
    if text is None:
        return None
    found = _ANCHOR.match(text)
    if found is None or not workspace:
        raise CommandError("--expect must be NUMBER:HASH and requires --workspace.", returncode=2)
    return chain.Anchor(int(found[1]), found[2])


def _places(slug: str | None) -> list[tuple[str, str | None]]:
    names: dict[str | None, str] = {
        str(place.pk): place.slug for place in Workspace.objects.order_by("slug")
    }
    if slug == OPERATORS:
        return [(OPERATORS, None)]
    if slug is not None:
        chosen = [(name, pk) for pk, name in names.items() if name == slug]
        if not chosen:
            raise CommandError(f"There is no workspace with the slug {slug!r}.", returncode=2)
        return chosen
    return [(names.get(pk, pk or OPERATORS), pk) for pk in chain.chains()]
