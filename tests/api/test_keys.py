"""API keys: format, who creates them, how they end."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from accounts.models import ApiKey, Membership
from accounts.services import api_keys
from accounts.services.api_keys import NewKey
from core import clock
from core.access import Role, Scope
from core.actor import ActorKind, Surface
from core.errors import Conflict, Forbidden, NotFound, ValidationFailed
from core.models import AuditEntry
from tests import factories
from tests.api.conftest import Calling, key_of
from tests.team import Team

WISH = NewKey(name="Sync", scopes=frozenset({Scope.CONTACTS_READ}))


def test_a_key_has_a_prefix_214_random_bits_and_a_checksum(team: Team) -> None:
    key = key_of(team.mia, Scope.CONTACTS_READ)

    assert key.startswith("sk_")
    assert len(key) == 45
    assert api_keys.looks_genuine(key)
    assert not api_keys.looks_genuine(key[:-1] + ("A" if key[-1] != "A" else "B"))
    assert not api_keys.looks_genuine(key.replace("sk_", "pk_"))
    assert not api_keys.looks_genuine("sk_" + "ü" * 42)


def test_only_a_hash_of_the_key_is_stored(team: Team) -> None:
    key = key_of(team.mia, Scope.CONTACTS_READ)

    row = ApiKey.objects.values().get()
    assert not any(key[11:] in str(value) for value in row.values())
    assert row["key_id"] == key[3:11]


def test_a_key_acts_for_its_maker_below_its_own_role(team: Team) -> None:
    caller = api_keys.identify(key_of(team.alice, Scope.CONTACTS_READ, role=Role.MEMBER))

    assert caller is not None
    actor = caller.actor
    assert (actor.kind, actor.surface) == (ActorKind.KEY, Surface.REST)
    assert actor.role is Role.MEMBER
    assert actor.user_id == team.alice.user_id
    assert actor.scopes == frozenset({Scope.CONTACTS_READ})


def test_a_key_shrinks_with_its_maker_s_role_and_ends_with_his_membership(team: Team) -> None:
    key = key_of(team.mia, Scope.CONTACTS_READ, Scope.CONTACTS_WRITE)

    Membership.objects.filter(pk=team.mia.pk).update(role=Role.VIEWER)
    caller = api_keys.identify(key)
    assert caller is not None
    assert caller.actor.scopes == frozenset({Scope.CONTACTS_READ})

    Membership.objects.filter(pk=team.mia.pk).update(is_active=False)
    assert api_keys.identify(key) is None


def test_only_an_admin_with_a_fresh_login_makes_a_key(team: Team) -> None:
    with pytest.raises(Forbidden):
        api_keys.create(factories.person(team.rex).with_fresh_login(), WISH)
    with pytest.raises(Forbidden):
        api_keys.create(factories.person(team.alice), WISH)
    assert not ApiKey.objects.exists()

    api_keys.create(factories.person(team.alice).with_fresh_login(), WISH)

    entry = AuditEntry.objects.get(verb="accounts.api_key.create")
    assert entry.object_ids == {"key_id": ApiKey.objects.get().pk}


@pytest.mark.parametrize("deciding", sorted(api_keys.DECIDING))
@pytest.mark.parametrize("acting", sorted(api_keys.ACTING))
def test_a_key_that_approves_cannot_also_act(team: Team, deciding: Scope, acting: Scope) -> None:
    new_key = NewKey("Both", frozenset({deciding, acting}), role=Role.ADMIN)

    with pytest.raises(ValidationFailed):
        api_keys.issue(factories.person(team.alice), team.alice, new_key)


@pytest.mark.parametrize(
    ("new_key", "field"),
    [
        (NewKey(" ", frozenset({Scope.CONTACTS_READ})), "name"),
        (NewKey("A", frozenset()), "scopes"),
        (NewKey("A", frozenset({Scope.IDENTITIES_WRITE})), "scopes"),
        (NewKey("A", frozenset({Scope.CONTACTS_READ}), role=Role.ADMIN), "role"),
        (NewKey("A", frozenset({Scope.CONTACTS_READ}), rate_limit="fast"), "rate_limit"),
    ],
)
def test_a_key_is_never_more_than_its_maker(team: Team, new_key: NewKey, field: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        api_keys.issue(factories.person(team.mia), team.mia, new_key)

    assert refusal.value.field == field


def test_two_keys_live_while_one_is_renewed(team: Team) -> None:
    alice = factories.person(team.alice).with_fresh_login()
    old = api_keys.create(alice, WISH)
    first = ApiKey.objects.get()

    new = api_keys.rotate(alice, str(first.pk))

    assert api_keys.identify(old) is not None
    assert api_keys.identify(new) is not None
    with pytest.raises(Conflict):
        api_keys.rotate(alice, str(first.pk))
    api_keys.revoke(alice, str(first.pk))
    assert api_keys.identify(old) is None
    assert api_keys.identify(new) is not None


def test_nobody_renews_a_key_that_acts_for_somebody_else(team: Team) -> None:
    key_of(team.mia, Scope.CONTACTS_READ)

    with pytest.raises(Forbidden):
        api_keys.rotate(
            factories.person(team.alice).with_fresh_login(), str(ApiKey.objects.get().pk)
        )


def test_another_workspace_s_key_does_not_exist(team: Team) -> None:
    key = key_of(team.mia, Scope.CONTACTS_READ)
    gil = factories.person(team.gil).with_fresh_login()

    for attempt in (api_keys.revoke, api_keys.rotate):
        with pytest.raises(NotFound):
            attempt(gil, str(ApiKey.objects.get().pk))
    assert api_keys.list_keys(gil) == []
    assert api_keys.identify(key) is not None


def test_a_key_ends_at_its_time(team: Team) -> None:
    key = key_of(team.mia, Scope.CONTACTS_READ, lifetime=timedelta(days=30))

    with time_machine.travel(clock.now() + timedelta(days=29, hours=23), tick=False):
        assert api_keys.identify(key) is not None
    with time_machine.travel(clock.now() + timedelta(days=30, seconds=1), tick=False):
        assert api_keys.identify(key) is None


def test_last_use_is_noted_once_a_minute(team: Team) -> None:
    key = key_of(team.mia, Scope.CONTACTS_READ)
    start = clock.now()

    seen = []
    for seconds in (0, 59, 61):
        with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
            api_keys.identify(key)
        last = ApiKey.objects.get().last_used_at
        seen.append(round((last - start).total_seconds()) if last else None)

    assert seen == [0, 0, 61]


def test_a_key_never_opens_mcp(team: Team, calling: Calling) -> None:
    caller = calling(team.mia)
    assert caller("get", "/contacts").status_code == 200

    answer = caller.client.post(
        "/mcp",
        {"jsonrpc": "2.0", "id": 1, "method": "tools/list"},
        content_type="application/json",
        headers={"authorization": f"Bearer {caller.key}"},
    )

    assert answer.status_code == 401


def test_the_command_prints_the_key_alone_on_the_last_line(team: Team) -> None:
    out = StringIO()

    call_command(
        "create_api_key",
        workspace="acme",
        user="Mia@acme.example",
        scopes="contacts:read,actions:write",
        stdout=out,
    )

    caller = api_keys.identify(out.getvalue().splitlines()[-1])
    assert caller is not None
    assert caller.actor.scopes == frozenset({Scope.CONTACTS_READ, Scope.ACTIONS_WRITE})
    assert caller.actor.role is Role.MEMBER


@pytest.mark.parametrize(
    "wrong",
    [
        {"scopes": "contacts:eat"},
        {"scopes": "actions:write,actions:approve", "role": "reviewer"},
        {"user": "gil@globex.example"},
        {"workspace": "nowhere"},
        {"role": "admin"},
    ],
)
def test_the_command_refuses_in_one_sentence(team: Team, wrong: dict[str, str]) -> None:
    given = {"workspace": "acme", "user": "mia@acme.example", "scopes": "contacts:read", **wrong}

    with pytest.raises(CommandError):
        call_command("create_api_key", **given)
    assert not ApiKey.objects.exists()
