"""Twenty at once: one code gives one pair, one refresh token gives one answer, nothing fails."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from oauth.models import AccessToken, Connection, RefreshToken
from tests.oauth import flow
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 20


def answers_to(call: Callable[[], Any]) -> list[tuple[int, dict[str, Any]]]:
    """Status and JSON of AT_ONCE calls that start together."""
    answers, _ = at_once([call] * AT_ONCE)
    return [(answer.status_code, json.loads(answer.content)) for answer in answers]


def test_one_code_redeemed_by_twenty_gives_one_pair() -> None:
    client = flow.app()
    code = flow.consent(flow.logged_in(flow.member("ada", "admin")), client)["code"]
    answers = answers_to(lambda: flow.redeem(client, code))
    assert [status for status, _ in answers].count(200) == 1
    refused = [body for status, body in answers if status == 400]
    assert len(refused) == AT_ONCE - 1
    assert {body["error"] for body in refused} == {"invalid_grant"}
    assert AccessToken.objects.count() == RefreshToken.objects.count() == 1


def test_one_refresh_token_used_by_twenty_gives_all_the_same_pair() -> None:
    client = flow.app()
    pair = flow.connect(flow.member("ada", "admin"), client)
    answers = answers_to(lambda: flow.refresh(client, pair["refresh_token"]))
    assert {status for status, _ in answers} == {200}
    assert len({body["refresh_token"] for _, body in answers}) == 1
    assert len({body["access_token"] for _, body in answers}) == 1
    assert RefreshToken.objects.filter(revoked=None).count() == 1
    assert flow.call(answers[0][1]["access_token"]).status_code == 200
    assert Connection.objects.get().is_live
