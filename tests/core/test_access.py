"""The one table of roles and scopes, printed."""

import pytest

from core.access import SCOPE_RULES, Role, Scope, parse_scopes, scopes_for

READS = {scope for scope in Scope if scope.value.endswith(":read")}
PROPOSES = {
    Scope.CONTACTS_WRITE,
    Scope.COMPANIES_WRITE,
    Scope.EVENTS_WRITE,
    Scope.SEGMENTS_WRITE,
    Scope.ACTIONS_WRITE,
    Scope.AGENTS_WRITE,
    Scope.AGENTS_TRIGGER,
}
DECIDES = {Scope.ACTIONS_APPROVE, Scope.ACTIONS_EXECUTE, Scope.AGENTS_APPROVE}
TABLE = {
    Role.VIEWER: READS,
    Role.MEMBER: READS | PROPOSES,
    Role.REVIEWER: READS | PROPOSES | DECIDES,
    Role.ADMIN: set(Scope),
}


@pytest.mark.parametrize("role", Role)
def test_each_role_may_grant_exactly_this(role: Role) -> None:
    assert scopes_for(role) == TABLE[role]


def test_every_scope_has_a_rule() -> None:
    assert set(SCOPE_RULES) == set(Scope)


def test_only_deciding_and_acting_start_unticked() -> None:
    assert {scope for scope, rule in SCOPE_RULES.items() if not rule.ticked} == DECIDES


def test_each_role_includes_those_before_it() -> None:
    order = list(Role)

    for place, role in enumerate(order):
        assert [other for other in order if role.includes(other)] == order[: place + 1]


def test_a_role_never_rises_above_its_ceiling() -> None:
    assert Role.ADMIN.at_most(Role.MEMBER) is Role.MEMBER
    assert Role.VIEWER.at_most(Role.ADMIN) is Role.VIEWER


def test_unknown_scopes_are_left_out() -> None:
    assert parse_scopes("contacts:read  everything contacts:READ") == {Scope.CONTACTS_READ}
    assert parse_scopes("") == frozenset()
