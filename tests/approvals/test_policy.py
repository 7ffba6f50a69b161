"""The table of policy-1 as data: the requester, the request, and whether it runs or waits."""

from itertools import product
from typing import Any

from accounts import actors
from accounts.models import Membership
from approvals.models import Action
from core import clock, operations
from core.access import Scope
from core.actor import Actor, ActorKind, Surface
from core.errors import AppError
from core.models import AuditEntry
from core.operations import Proposal, Request
from crm.models import Contact, Note
from tests import factories
from tests.approvals.conftest import Team, approve
from tests.cells import each
from tools import catalog

EXECUTING = factories.PROPOSING | {Scope.ACTIONS_EXECUTE}
ASKS: dict[str, bool | None] = {"left out": None, "true": True, "false": False}

# Columns: a reversible record change, a red one, a message to a known and to an unknown address.
# R runs, Q queues. Rows: kind, role, require_approval, whether actions:execute is granted.
TABLE: list[tuple[str, str, str, bool, str]] = [
    ("person", "member", "left out", False, "QQQQ"),
    ("person", "reviewer", "left out", False, "RRRR"),
    ("person", "admin", "left out", False, "RRRR"),
    ("key", "member", "left out", False, "QQQQ"),
    ("key", "member", "false", False, "QQQQ"),
    ("key", "member", "false", True, "QQQQ"),
    ("key", "reviewer", "left out", False, "RRQQ"),
    ("key", "reviewer", "true", True, "QQQQ"),
    ("key", "reviewer", "false", False, "RRQQ"),
    ("key", "reviewer", "false", True, "RRRQ"),
    ("app", "member", "false", True, "QQQQ"),
    *(
        ("app", "reviewer", asks, executes, "QQQQ")
        for asks, executes in product(ASKS, (False, True))
        if (asks, executes) != ("false", True)
    ),
    ("app", "reviewer", "false", True, "RQRQ"),
    ("app", "admin", "false", True, "RQRQ"),
    ("agent", "admin", "left out", False, "QQQQ"),
    ("agent", "admin", "false", True, "QQQQ"),
]
ROWS = {
    "person": "a person in the dashboard",
    "key": "an API key",
    "app": "an app",
    "agent": "an agent",
}


def asker(team: Team, kind: str, role: str, *, executes: bool) -> Actor:
    membership: Membership = {"member": team.mia, "reviewer": team.rex, "admin": team.alice}[role]
    scopes = EXECUTING if executes else factories.PROPOSING
    if kind == "person":
        return factories.person(membership)
    if kind == "app":
        return factories.app(membership, scopes)
    surface = Surface.REST if kind == "key" else Surface.SYSTEM
    return actors.for_membership(membership, kind=ActorKind(kind), surface=surface, scopes=scopes)


def requests_of(team: Team) -> list[tuple[str, dict[str, Any], Proposal]]:
    ana, sent = str(team.ana.pk), Proposal(identity_id=str(team.mailer.pk))
    mail = {"subject": "Hello", "body": "Hi!"}
    return [
        ("crm.contact.update", {"contact_id": ana, "properties": {"city": "Bern"}}, Proposal()),
        ("crm.contact.update", {"contact_id": ana, "properties": {"email": "n@x.io"}}, Proposal()),
        ("approvals.email_message", {**mail, "to": "known@umbrella.example"}, sent),
        ("approvals.email_message", {**mail, "to": "new@umbrella.example"}, sent),
    ]


def make_known(team: Team, address: str) -> None:
    """A person here decided to write to the address, and it was delivered."""
    action_id = team.draft_mail(contact_id=None, to=address)["action_id"]
    approve(team.reviewer, action_id)
    Action.objects.filter(pk=action_id).update(status="completed")


@each(("kind", "role", "asks", "executes", "expected"), TABLE)
def test_what_runs_and_what_waits_is_the_table_and_why_names_the_row(
    team: Team, kind: str, role: str, asks: str, executes: bool, expected: str
) -> None:
    make_known(team, "known@umbrella.example")
    actor = asker(team, kind, role, executes=executes)
    ruled = ""

    for name, data, proposal in requests_of(team):
        request = Request(require_approval=ASKS[asks], dry_run=True, proposal=proposal)
        answer = operations.submit(actor, operations.get(name), data, request)
        ruled += {"would_execute": "R", "would_queue": "Q"}[answer["status"]]
        assert ROWS[kind] in answer["why"]

    assert ruled == expected


def test_what_would_run_runs_and_what_would_wait_waits(team: Team) -> None:
    make_known(team, "known@umbrella.example")
    actor = asker(team, "app", "reviewer", executes=True)
    statuses = [
        operations.submit(
            actor, operations.get(name), data, Request(require_approval=False, proposal=proposal)
        )["status"]
        for name, data, proposal in requests_of(team)
    ]

    assert statuses == ["executed", "queued", "scheduled", "queued"]
    assert Contact.objects.get(pk=team.ana.pk).email == "ana@umbrella.example"


GATED = [
    tool for tool in catalog.all_tools().values() if tool.declared.gated and tool.offers_approval
]
NESTED = [tool for tool in GATED if {"params", "properties"} & set(tool.input_schema["properties"])]
MISSING = ...  # the argument is left out


def outcome(tool: Any, actor: Actor, arguments: dict[str, Any]) -> str:
    """The status of the answer, or the code and first part of the field of a refusal."""
    try:
        return str(tool.call(actor, arguments)["status"])
    except AppError as refusal:
        return f"{refusal.code} {(refusal.field or '').partition('.')[0]}"


@each("tool", GATED, ids=lambda tool: tool.name)
@each("value", [False, "false", "", 0, 1, None, [False], {"value": False}, MISSING], ids=repr)
def test_no_value_of_require_approval_lets_a_default_connection_act(
    team: Team, tool: Any, value: object
) -> None:
    given = {} if value is MISSING else {"require_approval": value}

    answer = outcome(tool, factories.app(team.alice), _arguments(team, tool.name) | given)

    is_valid = value is MISSING or value is False
    assert answer == ("queued" if is_valid else "validation_failed require_approval")
    assert not Action.objects.exclude(status="pending_approval").exists()
    assert Contact.objects.get(pk=team.ana.pk).city == ""


@each("tool", NESTED, ids=lambda tool: tool.name)
def test_require_approval_inside_the_params_is_no_switch(team: Team, tool: Any) -> None:
    arguments = _arguments(team, tool.name)
    inner = arguments["params"] if "params" in arguments else arguments["properties"]
    inner["require_approval"] = False

    answer = outcome(tool, factories.app(team.alice, EXECUTING), arguments)

    assert answer in {"queued", "validation_failed require_approval"}
    assert not Action.objects.exclude(status="pending_approval").exists()


def _note(team: Team, **on: Any) -> str:
    """A note that a person wrote."""
    moment = clock.now()
    facts = {"source": "person", "author_name": "Rex", "created_at": moment, "updated_at": moment}
    note = Note.objects.create(workspace=team.place, content="Calls back.", **facts, **on)
    return str(note.pk)


def _arguments(team: Team, tool_name: str) -> dict[str, Any]:
    ana = {"contact_id": str(team.ana.pk)}
    if tool_name != "create_action":
        firm = {"company_id": str(factories.company(team.place).pk)}
        arguments: dict[str, dict[str, Any]] = {
            "create_contact": {"email": "new@umbrella.example", "properties": {"city": "Bern"}},
            "update_contact": ana | {"properties": {"city": "Bern"}},
            "delete_contact_note": ana | {"note_id": _note(team, contact=team.ana)},
            "create_company": {"domain": "new.example", "properties": {"city": "Bern"}},
            "update_company": firm | {"properties": {"city": "Bern"}},
            "update_agent": {
                "agent_id": str(factories.agent(team.place, team.alice).pk),
                "enabled": False,
            },
            "delete_company_note": firm | {"note_id": _note(team, company_id=firm["company_id"])},
        }
        return arguments[tool_name]
    params = {"contact_id": str(team.ana.pk), "subject": "Hello", "body": "Hi!"}
    return {"type": "email_message", "identity_id": str(team.mailer.pk), "params": params}


@each("kind", ["person", "app", "key"])
def test_a_dry_run_of_any_verdict_changes_nothing(team: Team, kind: str) -> None:
    make_known(team, "known@umbrella.example")
    before = (Action.objects.count(), AuditEntry.objects.count())
    for role, asks in product(("member", "reviewer"), ASKS.values()):
        actor = asker(team, kind, role, executes=True)
        for name, data, proposal in requests_of(team):
            request = Request(require_approval=asks, dry_run=True, proposal=proposal)
            operations.submit(actor, operations.get(name), data, request)
        noop = {"contact_id": str(team.ana.pk), "properties": {"firstname": "Ana"}}
        update = operations.get("crm.contact.update")
        assert operations.submit(actor, update, noop, Request(dry_run=True))["status"] == "noop"

    assert (Action.objects.count(), AuditEntry.objects.count()) == before
    assert Contact.objects.get(pk=team.ana.pk).version == team.ana.version
