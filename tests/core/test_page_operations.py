"""Operations only for people in the dashboard: authorised, one transaction, one audit row."""

from dataclasses import replace

import pytest
from pydantic import SecretStr

from accounts.models import Workspace
from api.routers import ROUTES
from core import page_operations
from core.access import Role
from core.actor import Actor
from core.errors import Conflict, Forbidden, ValidationFailed
from core.models import AuditEntry
from core.page_operations import Done, PageOperation, all_page_operations, page_operation
from tests import factories
from tests.team import Team
from tools import catalog

ROLES = list(Role)


@pytest.fixture
def rename(monkeypatch: pytest.MonkeyPatch) -> PageOperation[[str, SecretStr, int], str]:
    """An operation of its own; at step 3 it fails, at step 4 it changes nothing."""
    monkeypatch.setattr(page_operations, "_registry", {})

    @page_operation("test.rename", fresh_login=True)
    def rename(actor: Actor, name: str, token: SecretStr, step: int = 0) -> Done[str]:
        Workspace.objects.filter(pk=actor.workspace_id).update(name=name)
        if step == 3:
            raise Conflict("Not now.")
        return Done(name, object_ids={"workspace_id": actor.workspace_id}, changed=step != 4)

    return rename


def test_it_is_done_and_noted_without_its_values(
    team: Team, rename: PageOperation[[str, SecretStr, int], str]
) -> None:
    actor = team.admin.with_fresh_login()

    assert rename.submit(actor, {"name": "Initech", "token": "hush"}) == "Initech"

    row = AuditEntry.objects.get()
    assert (row.verb, row.verdict, row.user_id) == ("test.rename", "done", actor.user_id)
    assert row.object_ids == {"workspace_id": actor.workspace_id}
    assert row.fields == ["name", "token"]


def test_a_call_is_the_same_as_a_form(
    team: Team, rename: PageOperation[[str, SecretStr, int], str]
) -> None:
    assert rename(team.admin.with_fresh_login(), "Initech", SecretStr("hush"), 4) == "Initech"
    assert not AuditEntry.objects.exists()  # nothing was changed


def test_what_fails_leaves_nothing(
    team: Team, rename: PageOperation[[str, SecretStr, int], str]
) -> None:
    with pytest.raises(Conflict):
        rename(team.admin.with_fresh_login(), "Initech", SecretStr("hush"), 3)
    for wrong in ({"name": "Initech"}, {"name": "Initech", "token": "x", "role": "admin"}):
        with pytest.raises(ValidationFailed):
            rename.submit(team.admin.with_fresh_login(), wrong)

    assert not Workspace.objects.filter(name="Initech").exists()
    assert not AuditEntry.objects.exists()


def test_each_declared_one_is_for_a_person_of_its_role_who_gave_the_password(team: Team) -> None:
    declared = all_page_operations()
    assert {"accounts.member.change_role", "approvals.stop"} <= {op.name for op in declared}
    for op in declared:
        allowed = replace(team.admin, role=op.role).with_fresh_login()
        op.authorise(allowed)
        refused = [replace(factories.app(team.alice, factories.ALL_SCOPES), fresh_login=True)]
        if op.role is not Role.VIEWER:
            refused.append(replace(allowed, role=ROLES[ROLES.index(op.role) - 1]))
        if op.fresh_login:
            refused.append(replace(allowed, fresh_login=False))
        for actor in refused:
            with pytest.raises(Forbidden):
                op.submit(actor, {})


def test_none_is_offered_to_apps_and_keys() -> None:
    offered = {route.operation for route in ROUTES}
    offered |= {tool.operation for tool in catalog.all_tools().values()}

    assert offered.isdisjoint(op.name for op in all_page_operations())
