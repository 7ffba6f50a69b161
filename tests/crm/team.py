"""Operations by a workspace's people; import the fixture `team` where needed."""

from typing import Any

import pytest

from approvals.models import Action
from core import operations
from core.actor import Actor
from core.operations import Request
from tests import factories
from tests.team import Team

__all__ = ["EXECUTING", "Team", "ask", "decide", "team"]

EXECUTING = factories.ALL_SCOPES


@pytest.fixture
def team(db: None) -> Team:
    return Team.at(factories.workspace())


def ask(actor: Actor, name: str, /, *request: Request, **data: Any) -> dict[str, Any]:
    """Submit an operation, with a request if given; returns the public answer."""
    return operations.submit(actor, operations.get(name), data, *request)


def decide(actor: Actor, verdict: str, action_id: str, **data: Any) -> dict[str, Any]:
    """Approve the current version, reject, edit or undo an action."""
    if verdict == "approve":
        data["fingerprint"] = Action.objects.get(pk=action_id).fingerprint
    return ask(actor, f"approvals.action.{verdict}", action_id=action_id, **data)
