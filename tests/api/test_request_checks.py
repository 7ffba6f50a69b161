"""Before any operation: keys, limits, methods, sizes, content types."""

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import ApiKey
from api.routers import ROUTES
from core import clock
from core.access import Scope
from tests.api.conftest import Calling, key_of
from tests.cells import each
from tests.team import Team

HOST = {"host": "127.0.0.1"}
# Jobs belong to their owner, whatever other scopes the key has.
SCOPED = [route for route in ROUTES if route.all_scopes]
EVERY = [(route.method, route.path) for route in ROUTES] + [("GET", "/auth/status")]


def _filled(path: str) -> str:
    return path.replace("{", "").replace("}", "")


def _is_error(answer: Any, status: int, code: str) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    assert answer.status_code == status
    assert body["status"] == "error"
    assert body["code"] == code
    assert body["error"].endswith(".")
    assert body["timestamp"].endswith("Z")
    assert isinstance(body["details"], list)
    assert body["request_id"]
    return body


@pytest.mark.django_db
@each(("method", "path"), EVERY)
@each("header", [None, "Bearer sk_nonsense", "Basic YTpi", "Bearer "])
def test_without_a_key_that_works_everything_is_401(
    method: str, path: str, header: str | None
) -> None:
    headers = HOST | ({"authorization": header} if header else {})

    answer = getattr(Client(headers=headers), method.lower())(f"/v1{_filled(path)}")

    _is_error(answer, 401, "unauthorized")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_session_is_no_key(team: Team) -> None:
    client = Client(headers=HOST)
    client.force_login(team.alice.user)

    _is_error(client.get("/v1/contacts"), 401, "unauthorized")


def test_a_revoked_key_is_refused_with_its_next_request(team: Team, calling: Calling) -> None:
    caller = calling(team.mia)
    assert caller("get", "/contacts").status_code == 200

    ApiKey.objects.update(revoked_at=clock.now())

    _is_error(caller("get", "/contacts"), 401, "unauthorized")


@each("route", SCOPED, ids=[f"{r.method} {r.path}" for r in SCOPED])
def test_a_missing_scope_is_named(team: Team, calling: Calling, route: Any) -> None:
    other = next(
        scope
        for scope in (Scope.CONTACTS_READ, Scope.SEGMENTS_READ, Scope.EVENTS_READ)
        if scope not in route.all_scopes
    )

    answer = calling(team.alice, other)(route.method, _filled(route.path))

    body = _is_error(answer, 403, "insufficient_scope")
    assert all(scope in body["error"] for scope in route.all_scopes)
    assert "API keys" in body["hint"]
    assert "app" not in body["hint"].lower().split()


def test_the_role_is_checked_beside_the_scope(team: Team, calling: Calling) -> None:
    caller = calling(team.mia, Scope.CONTACTS_READ, Scope.CONTACTS_WRITE)
    team.mia.role = "viewer"
    team.mia.save()

    answer = caller("put", f"/contacts/{team.ana.pk}", {"properties": {"jobtitle": "CTO"}})

    assert answer.status_code == 403


def test_health_needs_no_key_and_counts_nothing() -> None:
    answer = Client(headers=HOST).get("/v1/health")

    assert answer.json() == {"status": "success", "health": "ok"}
    assert "RateLimit-Limit" not in answer.headers


def test_auth_status_says_whom_the_key_acts_for(team: Team, calling: Calling) -> None:
    caller = calling(team.mia, Scope.CONTACTS_READ)

    body = caller("get", "/auth/status").json()

    assert body["status"] == "success"
    assert body["user"]["user_id"] == team.mia.user_id == body["user"]["_id"]
    assert body["workspace"]["name"] == "Acme"
    assert body["auth_type"] == "api_key"
    assert body["key_id"] == caller.key[3:11]
    assert body["scopes"] == ["contacts:read"]
    assert body["role"] == "member"


def test_the_limit_of_a_key_is_its_own_and_says_when_to_come_back(
    team: Team, calling: Calling
) -> None:
    slow, other = calling(team.mia, rate_limit="2/m"), calling(team.mia)

    answers = [slow("get", "/contacts") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert {answer.headers["RateLimit-Limit"] for answer in answers} == {"2"}
    _is_error(answers[2], 429, "rate_limited")
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 30
    assert answers[2].headers["RateLimit-Reset"] == answers[2].headers["Retry-After"]
    assert other("get", "/contacts").status_code == 200


def test_the_default_limit_is_the_installation_s(team: Team) -> None:
    headers = HOST | {"authorization": f"Bearer {key_of(team.mia)}"}

    answer = Client(headers=headers).get("/v1/contacts")

    assert answer.headers["RateLimit-Policy"] == "100;w=900"
    assert answer.headers["RateLimit-Remaining"] == "99"


def test_unknown_paths_and_methods_answer_in_json(team: Team, calling: Calling) -> None:
    caller = calling(team.mia)

    _is_error(caller("get", "/nothing/here"), 404, "not_found")
    refused = caller("delete", "/auth/status")
    _is_error(refused, 405, "method_not_allowed")
    assert "GET" in refused.headers["Allow"]
    assert caller("head", "/contacts").status_code == 200


def _post(caller: Any, body: bytes, kind: str = "application/json") -> Any:
    return caller.client.generic(
        "POST",
        "/v1/actions",
        body,
        content_type=kind,
        headers={"authorization": f"Bearer {caller.key}"},
    )


@each("kind", ["text/plain", "application/x-www-form-urlencoded", "", "a/b/c"])
def test_a_body_that_is_not_json_is_415(team: Team, calling: Calling, kind: str) -> None:
    _is_error(_post(calling(team.mia), b'{"type": "x"}', kind), 415, "validation_failed")


def test_a_body_above_one_mebibyte_is_413(team: Team, calling: Calling) -> None:
    caller = calling(team.mia)

    for size in (1_048_577, 3_000_000):
        body = b'{"type": "' + b"x" * size + b'"}'
        _is_error(_post(caller, body), 413, "validation_failed")


@each(
    "body",
    [
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"\xff\xfe",
        b'{"type": "a", "type": "b"}',
        b'{"type": NaN}',
        b'{"type": "\\u0000"}',
        b'{"type": "\\ud800"}',
        b'{"params": ' + b"9" * 4000 + b"}",
        b'{"params": ' + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"}",
        b"[" * 100_000,
        json.dumps({"params": {str(number): 1 for number in range(300)}}).encode(),
    ],
    ids=lambda body: body[:16].decode("latin-1"),
)
def test_json_that_cannot_be_kept_is_400(team: Team, calling: Calling, body: bytes) -> None:
    _is_error(_post(calling(team.mia), body), 400, "validation_failed")
