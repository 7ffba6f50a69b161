import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership
from accounts.services import api_keys
from accounts.services.api_keys import NewKey
from core.access import Role, Scope, scopes_for
from tests import factories
from tests.team import Team

READING = frozenset(scope for scope in Scope if scope.value.endswith(":read"))


@dataclass
class Caller:
    """A program with a key."""

    key: str
    client: Client = field(default_factory=lambda: Client(headers={"host": "127.0.0.1"}))

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send JSON to a path below /v1."""
        sent = {"authorization": f"Bearer {self.key}", **headers}
        data = "" if body is None else json.dumps(body)
        return self.client.generic(
            method.upper(), f"/v1{path}", data, content_type="application/json", headers=sent
        )


@pytest.fixture
def team(db: None) -> Team:
    """A workspace with its people, a contact and a sender, and a neighbour with a contact."""
    return Team.at(factories.workspace(), "elsewhere", "ana", "mailer", "gil", "bob")


def key_of(membership: Membership, *scopes: Scope, **facts: Any) -> str:
    """A key of this member with these scopes, or all that may go together."""
    role = Role(facts.pop("role", membership.role))
    allowed = scopes_for(role) - api_keys.DECIDING
    new_key = NewKey(name="Sync", scopes=frozenset(scopes) or allowed, role=role, **facts)
    return api_keys.issue(factories.person(membership), membership, new_key)


Calling = Callable[..., Caller]


@pytest.fixture
def calling() -> Calling:
    """Make a caller for a member's new key."""

    def make(membership: Membership, *scopes: Scope, **facts: Any) -> Caller:
        return Caller(key_of(membership, *scopes, **{"rate_limit": "9999/m", **facts}))

    return make
