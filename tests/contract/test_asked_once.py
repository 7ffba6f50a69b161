"""A call is authorised once and its arguments are validated once, on every surface."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pydantic import BaseModel

from agents.schemas.agents import UpdateAgent
from approvals.models import Action
from core.access import Role, Scope
from core.actor import Actor
from crm.schemas.contacts import UpdateContact
from tests import factories
from tests.api.conftest import Caller, key_of
from tests.protocol.clients import connected
from tests.team import Team

_CHANGE = {"properties": {"city": "Pune"}}


@contextmanager
def counted(
    monkeypatch: pytest.MonkeyPatch, schema: type[BaseModel], scope: Scope
) -> Iterator[Counter[str]]:
    """Counts scope checks, validations and kill switch checks."""
    found: Counter[str] = Counter()
    has_scope, validate = Actor.has_scope, schema.model_validate

    def asked(actor: Actor, wanted: Scope) -> bool:
        found["authorised"] += wanted == scope
        return has_scope(actor, wanted)

    def applied(data: Any, **how: Any) -> BaseModel:
        found["validated"] += 1
        return validate(data, **how)

    def run(execute: Any, sql: str, *rest: Any) -> Any:
        found["stop looked for"] += '"approvals_stop"' in sql
        return execute(sql, *rest)

    monkeypatch.setattr(Actor, "has_scope", asked)
    monkeypatch.setattr(schema, "model_validate", applied)
    with connection.execute_wrapper(run):
        yield found


ONCE = {"authorised": 1, "validated": 1, "stop looked for": 1}


def test_a_call_by_mcp(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    client = connected(user="mia", workspace=team.place.slug, role=Role.MEMBER)

    with counted(monkeypatch, UpdateContact, Scope.CONTACTS_WRITE) as found:
        answer = client.call("update_contact", {"contact_id": str(team.ana.pk), **_CHANGE})

    assert answer.json()["result"]["structuredContent"]["status"] == "queued"
    assert found == ONCE


def test_a_call_by_rest(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    caller = Caller(key_of(team.mia))

    with counted(monkeypatch, UpdateContact, Scope.CONTACTS_WRITE) as found:
        answer = caller("put", f"/contacts/{team.ana.pk}", _CHANGE)

    assert (answer.status_code, answer.json()["outcome"]) == (202, "queued")
    assert found == ONCE


def test_a_call_by_a_page(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    agent = factories.agent(team.place, team.alice, enabled=True)
    browser = Client()
    browser.force_login(team.mia.user)

    with counted(monkeypatch, UpdateAgent, Scope.AGENTS_WRITE) as found:
        answer = browser.post(f"/agents/{agent.pk}/switch/", {"on": "no"})

    assert answer.status_code == 302
    assert Action.objects.get().status == "pending_approval"
    assert found == ONCE
