"""Writes the final ledger to a file, for comparison with the request logs."""

import json
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError

from approvals.models import Action, Attempt, Attention


def write(to: str) -> None:
    """All actions with their attempts and open cards, and whether the audit chain holds."""
    file = Path(to)
    text = json.dumps({"actions": _actions(), "audit": _audit()})
    fresh = file.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(file)


def _actions() -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = {
        str(action.pk): {
            "type": action.type,
            "status": action.status,
            "detail": action.status_detail,
            "fingerprint": action.fingerprint,
            "rendered": action.rendered,
            "attempts": [],
            "cards": 0,
        }
        for action in Action.objects.all()
    }
    for attempt in Attempt.objects.order_by("number"):
        found[str(attempt.action_id)]["attempts"].append(
            {"id": str(attempt.pk), "fingerprint": attempt.fingerprint, "outcome": attempt.outcome}
        )
    for row in Attention.objects.filter(closed_at=None, action__isnull=False):
        found[str(row.action_id)]["cards"] += 1
    return found


def _audit() -> str:
    try:
        call_command("verify_audit")
    except CommandError as error:
        return str(error)
    return ""
