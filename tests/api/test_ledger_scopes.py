"""The ledger's routes: the scope each requires, and what the key's role permits."""

from typing import Any

import pytest

from approvals.models import Action
from core.access import Role, Scope
from core.models import AuditEntry
from crm.models import Company, Contact
from tests import factories
from tests.api.conftest import Caller, Calling
from tests.team import Team

CTO = {"properties": {"jobtitle": "CTO"}}
WRITE, APPROVE, EXECUTE = Scope.ACTIONS_WRITE, Scope.ACTIONS_APPROVE, Scope.ACTIONS_EXECUTE


def waiting(team: Team, calling: Calling) -> str:
    """A change of Ana by Rex's key that waits although the key could run it."""
    body = CTO | {"require_approval": True}
    answer = calling(team.rex)("put", f"/contacts/{team.ana.pk}", body)
    return str(answer.json()["action_id"])


def undone(team: Team, calling: Calling) -> str:
    """A change of Ana by Rex's key that ran."""
    return str(calling(team.rex)("put", f"/contacts/{team.ana.pk}", CTO).json()["action_id"])


@pytest.mark.parametrize(
    ("verb", "scope", "status"),
    [
        ("approve", APPROVE, 200),
        ("reject", APPROVE, 200),
        ("cancel", WRITE, 200),
        ("execute", EXECUTE, 409),  # it still waits for a person
        ("undo", WRITE, 409),  # nothing was done yet
        ("undo", APPROVE, 409),
        *(("approve", scope, 403) for scope in (Scope.ACTIONS_READ, WRITE, EXECUTE)),
        *(("reject", scope, 403) for scope in (Scope.ACTIONS_READ, WRITE, EXECUTE)),
        *(("cancel", scope, 403) for scope in (Scope.ACTIONS_READ, APPROVE, EXECUTE)),
        *(("execute", scope, 403) for scope in (Scope.ACTIONS_READ, WRITE, APPROVE)),
        *(("undo", scope, 403) for scope in (Scope.ACTIONS_READ, EXECUTE)),
    ],
)
def test_one_scope_alone_opens_each_route_and_the_others_do_not(
    team: Team, calling: Calling, verb: str, scope: Scope, status: int
) -> None:
    action_id = waiting(team, calling)
    body = {"fingerprint": Action.objects.get().fingerprint} if verb == "approve" else {}

    answer = calling(team.rex, scope)("post", f"/actions/{action_id}/{verb}", body)

    assert answer.status_code == status, answer.json()
    if status == 403:
        assert answer.json()["code"] == "insufficient_scope"
        assert Action.objects.get().status == "pending_approval"


@pytest.mark.parametrize("scope", [WRITE, APPROVE])
def test_either_scope_undoes_what_ran(team: Team, calling: Calling, scope: Scope) -> None:
    action_id = undone(team, calling)

    answer = calling(team.rex, scope)("post", f"/actions/{action_id}/undo")

    assert answer.status_code == 200
    assert Contact.objects.get(pk=team.ana.pk).jobtitle == ""


def test_cancel_withdraws_no_draft_of_somebody_else(team: Team, calling: Calling) -> None:
    action_id = waiting(team, calling)

    answer = calling(team.mia, WRITE)("post", f"/actions/{action_id}/cancel")

    assert answer.json()["outcome"] == "needs_person"
    assert Action.objects.get().status == "pending_approval"


def delete(caller: Caller, noun: str, team: Team) -> Any:
    firm = factories.company(team.place)
    return caller("delete", f"/{noun}/{team.ana.pk if noun == 'contacts' else firm.pk}")


@pytest.mark.parametrize("noun", ["contacts", "companies"])
def test_an_admin_s_key_deletes_at_once_and_the_deletion_can_be_taken_back(
    team: Team, calling: Calling, noun: str
) -> None:
    caller = calling(team.alice)

    answer = delete(caller, noun, team)

    assert (answer.status_code, answer.json()["outcome"]) == (200, "executed")
    action = Action.objects.get()
    assert (action.status, action.policy["rule"].startswith("an API key asks for")) == (
        "completed",
        True,
    )
    assert AuditEntry.objects.filter(verb="approvals.action.done").exists()
    rows = Contact.objects.all() if noun == "contacts" else Company.objects.all()
    assert rows.exclude(deleted_at=None).filter(workspace=team.place).exists()
    assert caller("post", f"/actions/{action.pk}/undo").status_code == 200
    assert not rows.exclude(deleted_at=None).exists()


@pytest.mark.parametrize("noun", ["contacts", "companies"])
@pytest.mark.parametrize("role", [Role.MEMBER, Role.REVIEWER])
def test_a_lower_key_s_deletion_waits_though_its_maker_is_an_admin(
    team: Team, calling: Calling, noun: str, role: Role
) -> None:
    answer = delete(calling(team.alice, role=role), noun, team)

    assert (answer.status_code, answer.json()["outcome"]) == (202, "queued")
    assert not Contact.objects.exclude(deleted_at=None).exists()
    assert not Company.objects.exclude(deleted_at=None).exists()
