"""The request log names the page of an address and never the token in its link."""

import logging
from typing import Any

import pytest
from django.core import signing
from django.test import Client

from core.ids import new_id
from pathbound_mcp.log_redaction import without_tokens
from tests.security.surfaces import heard

INVITATION = "u7Jx-1oZbq9fWcT0s5mKQy2dVhRkE8gLnA4pXi6_BtM"
CONFIRM = signing.dumps({"w": "ws_1", "c": [["act_1", "f" * 32]]}, salt="any", compress=True)
PATHS = [
    f"/join/{INVITATION}/",
    f"/join/{INVITATION}",  # without its slash it is a redirect, and no page's address
    f"/verify/{CONFIRM}/",
    f"/unsubscribe/{CONFIRM}/",
    f"/approvals/confirm/{CONFIRM}/",
    f"/nothing/{INVITATION}/",
    f"/settings/senders/gmail/back/?code={INVITATION}&state=x",
    f"/approvals/?q={INVITATION}",
]


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_a_request_is_logged_without_the_right_in_its_address(path: str) -> None:
    with heard() as said:
        Client().get(path)
        Client(enforce_csrf_checks=True).post(path)

    text = said.getvalue()
    assert "request_finished" in text
    assert path.split("/")[1] in text
    assert INVITATION not in text
    assert CONFIRM not in text


@pytest.mark.parametrize(
    "line",
    [
        {"event": "request_finished", "request": f"GET /approvals/{new_id('act')}/edit/"},
        {"event": "What is this? /no", "code": 200},
        {"event": "mcp.call", "tool": "get_contact?x"},
        {"event": 7},
    ],
)
def test_ids_and_sentences_stay(line: dict[str, Any]) -> None:
    assert without_tokens(logging.getLogger(), "info", dict(line)) == line
