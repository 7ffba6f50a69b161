"""Running an operation: permissions, then validation, then one transaction."""

from dataclasses import replace

import pytest

from core import audit, operations
from core.access import Role, Scope
from core.errors import Forbidden, InsufficientScope, Unavailable, ValidationFailed
from core.hooks import Slot
from core.models import AuditEntry, KeptAnswer
from core.operations import Effect, Operation, Request
from crm.models import Contact, Note
from tests.core import rows
from tests.core.conftest import Bench, RenameArguments, note
from tests.team import Team

pytestmark = pytest.mark.django_db


def first_name(team: Team) -> str:
    return Contact.objects.get(pk=team.ana.pk).firstname


@pytest.mark.parametrize("gated", [True, False])
def test_without_a_ledger_nothing_is_changed(
    team: Team, bench: Bench, monkeypatch: pytest.MonkeyPatch, gated: bool
) -> None:
    op = bench.declare(gated=gated)
    monkeypatch.setattr(operations, "LEDGER", Slot("approvals ledger"))

    for request in (Request(), Request(dry_run=True)):
        with pytest.raises(Unavailable, match="No approvals ledger is registered"):
            operations.submit(team.admin, op, {"contact_id": str(team.ana.pk)}, request)

    assert bench.calls == []
    assert first_name(team) == "Ana"


def test_the_scope_is_asked_before_the_role_and_the_role_before_the_arguments(
    team: Team, bench: Bench
) -> None:
    op = bench.declare(propose_role=Role.REVIEWER)
    nonsense = {"nonsense": True}
    reading = replace(team.claude, scopes=frozenset({Scope.CONTACTS_READ}))

    with pytest.raises(InsufficientScope) as refusal:
        operations.submit(reading, op, nonsense)
    assert refusal.value.scopes == ["contacts:write"]
    with pytest.raises(Forbidden):
        operations.submit(team.claude, op, nonsense)
    with pytest.raises(ValidationFailed):
        operations.submit(team.admin, op, nonsense)
    assert bench.calls == []


def test_every_scope_of_an_operation_is_needed(team: Team, bench: Bench) -> None:
    op = bench.declare(scopes=(Scope.CONTACTS_WRITE, Scope.ACTIONS_EXECUTE))

    with pytest.raises(InsufficientScope) as refusal:
        operations.submit(team.claude, op, {"contact_id": str(team.ana.pk)})

    assert refusal.value.scopes == ["actions:execute", "contacts:write"]


def test_each_declared_operation_refuses_an_app_without_its_scope(team: Team) -> None:
    for op in operations.all_operations():
        bare = replace(
            team.claude, role=Role.ADMIN, scopes=frozenset(Scope) - {*op.scopes, *op.also}
        )
        if op.scopes:
            with pytest.raises(InsufficientScope):
                operations.submit(bare, op, {})


def test_each_declared_operation_refuses_a_role_below_its_own(team: Team) -> None:
    refused = [op for op in operations.all_operations() if op.propose_role is not Role.VIEWER]

    assert refused
    for op in refused:
        with pytest.raises(Forbidden):
            operations.submit(team.viewer, op, {})


def test_a_dry_run_changes_nothing(team: Team) -> None:
    gated = operations.get("crm.contact.update")
    data = {"contact_id": str(team.ana.pk), "properties": {"jobtitle": "CTO"}}

    answers = [
        note(team, dry_run=True, idempotency_key="k"),
        operations.submit(team.claude, gated, data, Request(dry_run=True, idempotency_key="k")),
        operations.submit(team.admin, gated, data, Request(dry_run=True)),
    ]

    assert [answer["status"] for answer in answers] == [
        "would_execute",
        "would_queue",
        "would_execute",
    ]
    assert not any(model.objects.exists() for model in (Note, AuditEntry, KeptAnswer))
    assert Contact.objects.get(pk=team.ana.pk).version == team.ana.version


def test_what_is_never_gated_takes_no_require_approval(team: Team) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        note(team, require_approval=False)

    assert refusal.value.field == "require_approval"
    assert not Note.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_operation_that_fails_half_way_leaves_nothing(team: Team, bench: Bench) -> None:
    op = bench.declare()
    data = {"contact_id": str(team.ana.pk), "fail": True}

    with pytest.raises(RuntimeError, match="half-way"):
        operations.submit(team.admin, op, data, Request(idempotency_key="k"))

    assert bench.calls == [str(team.ana.pk)]
    assert first_name(team) == "Ana"
    assert not AuditEntry.objects.exists()
    assert not KeptAnswer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_without_its_audit_row_nothing_happened(
    team: Team, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    op = bench.declare()

    def full_disk(*_: object, **__: object) -> None:
        raise RuntimeError("no audit row")

    monkeypatch.setattr(audit, "record_call", full_disk)
    with pytest.raises(RuntimeError, match="no audit row"):
        operations.submit(team.admin, op, {"contact_id": str(team.ana.pk)})

    assert first_name(team) == "Ana"


def test_the_audit_row_has_ids_and_names_and_never_values(team: Team, bench: Bench) -> None:
    op = bench.declare()
    data = {"contact_id": str(team.ana.pk), "secret": "hush"}
    operations.submit(team.claude, op, data)
    change = operations.get("crm.contact.update")
    properties = {"jobtitle": "hush", "fav": "hush"}
    operations.submit(
        team.admin, change, {"contact_id": str(team.ana.pk), "properties": properties}
    )

    entry = AuditEntry.objects.get(verb="test.rename")
    assert entry.object_ids == {"contact_id": str(team.ana.pk)}
    assert entry.fields == ["contact_id", "secret"]
    assert entry.verdict == "executed"
    assert (entry.actor_kind, entry.surface, entry.client) == ("app", "mcp", "Claude at claude.ai")
    assert AuditEntry.objects.exclude(verb__startswith="test.").exists()
    for row in AuditEntry.objects.values():
        assert "hush" not in str(row)


def test_an_operation_is_declared_once(bench: Bench) -> None:
    bench.declare()

    with pytest.raises(RuntimeError, match="declared twice"):
        bench.declare()


def test_what_an_executor_carries_out_is_not_performed_here(team: Team) -> None:
    op = Operation("test.outside", RenameArguments, None, (), Effect.SEND)

    with pytest.raises(RuntimeError, match="executor"):
        op.perform(team.admin, RenameArguments(contact_id="x"))


def test_every_operation_that_is_not_a_read_is_gated_or_says_why_not() -> None:
    ours = [op for op in operations.all_operations() if op.name.split(".")[0] in rows.OUR_APPS]
    direct = {op.name for op in ours if not op.read_only and not op.gated}

    assert {name for name in direct if not name.startswith("approvals.action.")} == {
        "crm.contact.note.create",  # creating a note is direct, editing it is not
        "crm.company.note.create",
        "crm.contact.restore",  # only an admin restores, and only by REST
        "crm.company.restore",
        "crm.contact.note.restore",
        "crm.company.note.restore",
        "crm.contact.revert",  # the inverse that undoing an approved change applies
        "crm.task.withdraw",  # the inverse of an approved task
        "crm.task.finish",  # a member's own tick
        "crm.event.ingest",  # what happened is recorded, not decided
        "crm.segment.create",  # a saved view: nothing is sent, no record changes
        "crm.segment.update",
        "crm.segment.delete",
        "crm.segment.restore",
        "identities.identity.create",  # an admin's own, by the page or a key; no tool does it
        "identities.identity.update",
        "identities.identity.delete",
        "identities.identity.restore",
        "identities.linkedin.start",  # a job: the person logs in on a dashboard page
        "identities.linkedin.submit_code",
        "jobs.job.cancel",  # ends what its owner started
        "agents.agent.create",  # an admin's own; a new agent is off
        "agents.agent.duplicate",
        "agents.agent.delete",
        "agents.agent.trigger",  # what the agent proposes waits
        "agents.agent.rehearse",  # proposes nothing
        "agents.run.approve",  # decisions, as approvals.action.*
        "agents.run.reject",
        "approvals.attention.seen",  # each member closes only their own items
        "approvals.attention.drop",
    }
