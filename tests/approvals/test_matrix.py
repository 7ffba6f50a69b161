"""Every gated tool by every requester and role: the table of policy-1, written by hand."""

from typing import Any

import pytest

from accounts import actors
from accounts.models import Membership
from core import operations
from core.access import Scope
from core.actor import Actor, ActorKind, Surface
from core.errors import AppError
from core.operations import Request
from tests import factories
from tests.approvals.conftest import Team
from tests.approvals.test_policy import EXECUTING, _arguments, make_known
from tests.cells import each
from tools import catalog

TOOLS = [
    tool for tool in catalog.all_tools().values() if tool.declared.gated and tool.offers_approval
]
ROLES = ("member", "reviewer", "admin")
NEVER = "never"

# The kind of each tool's request; a new tool needs an entry here.
RECORD, DELETE, MAIL = "record", "delete", "mail"
MATTER = {
    "create_contact": RECORD,
    "update_contact": RECORD,
    "create_company": RECORD,
    "update_company": RECORD,
    "delete_contact_note": DELETE,
    "delete_company_note": DELETE,
    "update_agent": DELETE,  # red as a deletion is, and an admin's
    "create_action": MAIL,
}
# The lowest role for which it runs; messages go to known and to new recipients.
TABLE: dict[str, dict[str, str]] = {
    "left out": {RECORD: NEVER, DELETE: NEVER, MAIL: NEVER, "new": NEVER},
    "true": {RECORD: NEVER, DELETE: NEVER, MAIL: NEVER, "new": NEVER},
    "false": {RECORD: NEVER, DELETE: NEVER, MAIL: NEVER, "new": NEVER},
    "false with execute": {RECORD: "reviewer", DELETE: NEVER, MAIL: "reviewer", "new": NEVER},
    "true with execute": {RECORD: NEVER, DELETE: NEVER, MAIL: NEVER, "new": NEVER},
    "agent": {RECORD: NEVER, DELETE: NEVER, MAIL: NEVER, "new": NEVER},
    "agent with false": {RECORD: NEVER, DELETE: NEVER, MAIL: NEVER, "new": NEVER},
    "key": {RECORD: "reviewer", DELETE: "admin", MAIL: NEVER, "new": NEVER},
    "key with execute": {RECORD: "reviewer", DELETE: "admin", MAIL: "reviewer", "new": NEVER},
    "person": {RECORD: "reviewer", DELETE: "admin", MAIL: "reviewer", "new": "reviewer"},
}
SAYS = {"true": True, "true with execute": True, "false": False, "false with execute": False}
SAYS |= {"agent with false": False, "key with execute": False}


def asker(membership: Membership, who: str) -> Actor:
    scopes = EXECUTING if "execute" in who else factories.PROPOSING
    if who == "person":
        return factories.person(membership)
    kind = {"agent": ActorKind.AGENT, "key": ActorKind.KEY}.get(who.split(" ")[0])
    if kind is None:
        return factories.app(membership, scopes)
    surface = Surface.REST if kind is ActorKind.KEY else Surface.SYSTEM
    # An agent never decides, even with all scopes.
    given = frozenset(Scope) if kind is ActorKind.AGENT else scopes
    return actors.for_membership(membership, kind=kind, surface=surface, scopes=given)


def outcome(tool: Any, actor: Actor, who: str, arguments: dict[str, Any]) -> str:
    """The outcome of a dry run of the call."""
    says = {"require_approval": SAYS[who]} if who in SAYS else {}
    if actor.kind is ActorKind.APP:
        return str(tool.call(actor, {**arguments, **says, "dry_run": True})["status"])
    op, data, proposal = tool.declared, arguments, Request().proposal
    if tool.route is not None:
        call = tool.route(tool.declared.schema.model_validate(arguments))
        op, data, proposal = operations.get(call.operation), call.data, call.proposal
    request = Request(says.get("require_approval"), dry_run=True, proposal=proposal)
    return str(operations.submit(actor, op, data, request)["status"])


def test_every_gated_tool_has_its_place_in_the_matrix() -> None:
    assert {tool.name for tool in TOOLS} == set(MATTER)


@each("who", TABLE)
@each("tool", TOOLS, ids=lambda tool: tool.name)
def test_the_matrix_is_the_table(team: Team, tool: Any, who: str) -> None:
    arguments = _arguments(team, tool.name)
    matter = MATTER[tool.name]
    members = {"member": team.mia, "reviewer": team.rex, "admin": team.alice}
    for column in [MAIL, "new"] if matter == MAIL else [matter]:
        if column == MAIL:
            make_known(team, "known@umbrella.example")
            arguments["params"] = {"to": "known@umbrella.example", "subject": "Hi", "body": "Hi"}
        if column == "new":
            arguments["params"] = {"to": "new@umbrella.example", "subject": "Hi", "body": "Hi"}
        lowest = TABLE[who][column]
        for role in ROLES:
            runs = lowest != NEVER and ROLES.index(role) >= ROLES.index(lowest)
            found = outcome(tool, asker(members[role], who), who, arguments)
            assert found == ("would_execute" if runs else "would_queue"), (role, column)


@each("tool", TOOLS, ids=lambda tool: tool.name)
def test_a_viewer_asks_for_nothing(team: Team, tool: Any) -> None:
    arguments = _arguments(team, tool.name)

    with pytest.raises(AppError):
        outcome(tool, asker(team.vic, "left out"), "left out", arguments)
