"""Who may do what with the ledger, as data: every operation by every role, scope and workspace."""

from typing import Any

import pytest

from accounts import actors
from accounts.models import Membership
from approvals.models import Action
from core import operations
from core.access import Role, Scope
from core.actor import Actor, ActorKind, Surface
from core.errors import AppError, InsufficientScope, NotFound
from tests import factories
from tests.cells import each
from tests.team import Team, approve, decide

# What each role gets as a person in the dashboard: "yes", or the code of the refusal. Mia, a
# member, requested the draft; it waits, or was approved where it says "held".
FORBIDDEN = "forbidden"
MATRIX: dict[tuple[str, str], dict[str, str]] = {
    ("list", ""): {"vic": "yes", "mia": "yes", "max": "yes", "rex": "yes", "alice": "yes"},
    ("get", ""): {"vic": "yes", "mia": "yes", "max": "yes", "rex": "yes", "alice": "yes"},
    ("review", ""): {"vic": "yes", "mia": "yes", "max": "yes", "rex": "yes", "alice": "yes"},
    ("approve", ""): {
        **dict.fromkeys(("vic", "mia", "max"), FORBIDDEN),
        **dict.fromkeys(("rex", "alice"), "yes"),
    },
    ("reject", ""): {
        **dict.fromkeys(("vic", "max"), FORBIDDEN),
        **dict.fromkeys(("mia", "rex", "alice"), "yes"),
    },
    ("edit", ""): {
        **dict.fromkeys(("vic", "max"), FORBIDDEN),
        **dict.fromkeys(("mia", "rex", "alice"), "yes"),
    },
    ("undo", ""): {
        **dict.fromkeys(("vic", "mia", "max", "rex"), FORBIDDEN),
        "alice": "already_decided",
    },
    ("again", ""): {
        **dict.fromkeys(("vic", "max"), FORBIDDEN),
        **dict.fromkeys(("mia", "rex", "alice"), "conflict"),
    },
    ("settle", ""): {
        **dict.fromkeys(("vic", "mia", "max"), FORBIDDEN),
        **dict.fromkeys(("rex", "alice"), "conflict"),
    },
    ("execute", ""): {
        **dict.fromkeys(("vic", "mia", "max"), FORBIDDEN),
        **dict.fromkeys(("rex", "alice"), "conflict"),
    },
    ("execute", "held"): {
        **dict.fromkeys(("vic", "mia", "max"), FORBIDDEN),
        **dict.fromkeys(("rex", "alice"), "yes"),
    },
    ("reject", "held"): {
        **dict.fromkeys(("vic", "max"), FORBIDDEN),
        **dict.fromkeys(("mia", "rex", "alice"), "yes"),
    },
    ("edit", "held"): {
        **dict.fromkeys(("vic", "max"), FORBIDDEN),
        **dict.fromkeys(("mia", "rex", "alice"), "yes"),
    },
    ("undo", "held"): {
        **dict.fromkeys(("vic", "mia", "max"), FORBIDDEN),
        **dict.fromkeys(("rex", "alice"), "yes"),
    },
}
CASES = [
    (verb, state, name, wanted)
    for (verb, state), row in MATRIX.items()
    for name, wanted in row.items()
]
# Any of these lets an app or key make requests.
NEEDED = {
    "list": {Scope.ACTIONS_READ},
    "get": {Scope.ACTIONS_READ},
    "review": {Scope.ACTIONS_READ},
    "approve": {Scope.ACTIONS_READ, Scope.ACTIONS_APPROVE},
    "reject": {Scope.ACTIONS_READ, Scope.ACTIONS_APPROVE, Scope.ACTIONS_WRITE},
    "edit": {Scope.ACTIONS_WRITE},
    "undo": {Scope.ACTIONS_WRITE, Scope.ACTIONS_APPROVE},
    "again": {Scope.ACTIONS_WRITE},
    "settle": {Scope.ACTIONS_WRITE},
    "create": {Scope.ACTIONS_WRITE},
    "execute": {Scope.ACTIONS_EXECUTE},
}
READS = {"list", "review"}


def people(team: Team) -> dict[str, Membership]:
    """All people by name; Max is a member who is not the requester."""
    return {
        "vic": team.vic,
        "mia": team.mia,
        "max": factories.member(team.place, "Max", Role.MEMBER),
        "rex": team.rex,
        "alice": team.alice,
    }


def call(actor: Actor, verb: str, action_id: str) -> str:
    """Do it to the action; "yes" or the code of the refusal."""
    action = Action.objects.get(pk=action_id)
    data: dict[str, dict[str, Any]] = {
        "approve": {"fingerprint": action.fingerprint},
        "edit": {"params": action.params | {"body": "Changed"}},
        "settle": {"outcome": "send_again"},
    }
    try:
        if verb in READS:
            operations.submit(actor, operations.get(f"approvals.action.{verb}"), {})
        else:
            decide(actor, verb, action_id, **data.get(verb, {}))
    except AppError as refusal:
        return refusal.code
    return "yes"


@each(("verb", "state", "name", "wanted"), CASES)
def test_each_role_may_do_exactly_what_the_matrix_says(
    team: Team, verb: str, state: str, name: str, wanted: str
) -> None:
    action_id = team.draft_mail()["action_id"]
    if state == "held":
        approve(team.reviewer, action_id)
    before = Action.objects.get(pk=action_id)

    assert call(factories.person(people(team)[name]), verb, action_id) == wanted

    after = Action.objects.get(pk=action_id)
    if wanted != "yes":
        assert (after.status, after.version) == (before.status, before.version)


def test_the_matrix_names_every_operation_of_the_ledger() -> None:
    known = {
        op.name.removeprefix("approvals.action.")
        for op in operations.all_operations()
        if op.name.startswith("approvals.action.")
    }

    assert known == {verb for verb, _ in MATRIX} | {"create"} == set(NEEDED)


@each("verb", sorted(set(NEEDED) - {"create"}))
def test_every_operation_needs_its_scope_and_no_other(team: Team, verb: str) -> None:
    action_id = team.draft_mail()["action_id"]
    needed = NEEDED[verb]

    with pytest.raises(InsufficientScope):
        _as_app(team, frozenset(Scope) - needed, verb, action_id)
    for scope in needed:
        _as_app(team, frozenset({scope}), verb, action_id)


def _as_app(team: Team, scopes: frozenset[Scope], verb: str, action_id: str) -> None:
    actor = factories.app(team.rex, scopes)
    op = operations.get(f"approvals.action.{verb}")
    op.authorise(actor)
    call(actor, verb, action_id)


@each("verb", ["get", "approve", "reject", "edit", "undo", "again", "settle"])
def test_an_action_of_another_workspace_is_missing(team: Team, verb: str) -> None:
    action_id = team.draft_mail()["action_id"]
    gil = factories.person(factories.member(factories.workspace("Globex"), "Gil", Role.ADMIN))

    def refusal(wanted: str) -> dict[str, Any]:
        needs: dict[str, dict[str, Any]] = {
            "approve": {"fingerprint": "0" * 32},
            "edit": {"params": {}},
            "settle": {"outcome": "went_out"},
        }
        with pytest.raises(NotFound) as raised:
            decide(gil, verb, wanted, **needs.get(verb, {}))
        return raised.value.as_dict()

    assert refusal(action_id) == refusal("act_01jd0000000000000000000000")
    # The same id does exist for those who may see it.
    assert call(factories.person(team.alice), "get", action_id) == "yes"


@each("verb", ["approve", "reject"])
def test_a_key_on_mcp_and_an_agent_never_decide(team: Team, verb: str) -> None:
    action_id = team.draft_change()["action_id"]
    # A key decides on REST alone, by a scope of its own; on MCP it has no person either.
    for kind, surface in ((ActorKind.KEY, Surface.MCP), (ActorKind.AGENT, Surface.REST)):
        actor = actors.for_membership(
            team.alice, kind=kind, surface=surface, scopes=frozenset(Scope)
        )
        call(actor, verb, action_id)
        assert Action.objects.get(pk=action_id).status == "pending_approval", kind
