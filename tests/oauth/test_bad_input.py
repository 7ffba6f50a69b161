"""Input no honest app sends: 400 with an OAuth error or a page, never a server error."""

from typing import Any

import pytest
from django.test import Client

from tests.cells import each
from tests.oauth import flow

pytestmark = pytest.mark.django_db

FIELDS = ["client_id", "redirect_uri", "scope", "state", "code_challenge", "resource", "prompt"]
BAD = {
    "nul": "%00",
    "bad utf-8": "%ff%fe",
    "lone surrogate": "%ed%a0%80",
    "line break": "%0d%0aSet-Cookie:x",
    "long": "a" * 5000,
}
FORM = "application/x-www-form-urlencoded"


def raw_get(query: str) -> Any:
    browser = flow.logged_in(flow.member("ada", "admin"))
    return browser.get("/oauth/authorize", QUERY_STRING=query)


@each("bad", BAD.values(), ids=list(BAD))
@each("field", FIELDS)
def test_bad_text_at_authorize_is_a_400(field: str, bad: str) -> None:
    query = flow.authorize_query(flow.app())
    others = "&".join(f"{key}={value}" for key, value in query.items() if key != field)
    response = raw_get(f"{others}&{field}={bad}")
    assert response.status_code == 400
    assert bad not in response.content.decode()


@each("field", ["client_id", "redirect_uri", "state", "scope"])
def test_a_repeated_parameter_is_a_400(field: str) -> None:
    query = flow.authorize_query(flow.app())
    text = "&".join(f"{key}={value}" for key, value in query.items())
    assert raw_get(f"{text}&{field}=x").status_code == 400


@each(
    "query",
    [
        "%zz",
        "client_id=%",
        "a=1&" * 600,
        "x" * 9000,
        "client_id[]=x",
        "client_id=https://claude.ai/%2e%2e/x",
        "resource=http://[::1/&client_id=x",
    ],
)
def test_an_odd_query_is_refused(query: str) -> None:
    assert raw_get(query).status_code in {400, 414}


@each("length", [1, 42, 129, 500])
def test_a_challenge_of_the_wrong_length_is_told_to_the_app(length: int) -> None:
    browser = flow.logged_in(flow.member("ada", "admin"))
    response = flow.open_page(browser, flow.app(), code_challenge="c" * length)
    assert flow.answer_of(response)["error"] == "invalid_request"


@each("path", ["/oauth/token", "/oauth/revoke", "/token"])
@each("bad", BAD.values(), ids=list(BAD))
@each("field", ["client_id", "code", "code_verifier", "refresh_token", "redirect_uri", "token"])
def test_bad_text_at_the_machine_endpoints_is_a_400(path: str, field: str, bad: str) -> None:
    for grant in ("authorization_code", "refresh_token"):
        good = {
            "grant_type": grant,
            "client_id": flow.app().client_id,
            "code": "c",
            "code_verifier": flow.VERIFIER,
            "refresh_token": "r",
            "redirect_uri": flow.CLAUDE,
            "token": "t",
        }
        text = "&".join(f"{key}={value}" for key, value in good.items() if key != field)
        response = Client().post(path, f"{text}&{field}={bad}", content_type=FORM)
        assert response.status_code == 400
        assert response.json()["error"] == "invalid_request"
        assert response["Cache-Control"] == "no-store"


@each(
    ("body", "content_type", "status"),
    [
        ("{}", "application/json", 400),
        ("", FORM, 400),
        ("=", FORM, 400),
        ("&&&", FORM, 400),
        ("grant_type=refresh_token", FORM, 400),
        ("grant_type=refresh_token&refresh_token=x", FORM, 401),
        ("grant_type=authorization_code", FORM, 400),
        ("grant_type=refresh_token&grant_type=x", FORM, 400),
        ("a=" + "x" * 70_000, FORM, 413),
        ("a=1&" * 501, FORM, 413),
        ("--x\r\n", "multipart/form-data; boundary=x", 400),
    ],
)
def test_other_bodies_are_oauth_errors(body: str, content_type: str, status: int) -> None:
    response = Client().post("/oauth/token", body, content_type=content_type)
    assert response.status_code == status
    assert "error" in response.json()


def test_parameters_in_the_address_of_a_post_are_refused() -> None:
    response = Client().post("/oauth/token?x=%zz", "grant_type=refresh_token", content_type=FORM)
    assert response.status_code == 400


def test_get_is_no_way_to_a_token() -> None:
    response = Client().get("/oauth/token", {"grant_type": "authorization_code"})
    assert response.status_code == 405
    assert response["Allow"] == "POST, OPTIONS"


@each(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Basic eDp5",
        "Bearer \x00",
        "Bearer a b",
        "Bearer é",
        "Bearer " + "a" * 300,
        "bearer unknown",
    ],
)
def test_an_odd_bearer_is_a_401_with_a_challenge(header: str) -> None:
    options: dict[str, Any] = {"HTTP_AUTHORIZATION": header}
    response = Client().post("/mcp", **options)
    assert response.status_code == 401
    assert "resource_metadata=" in response["WWW-Authenticate"]
