"""Twenty at once: one code gives one pair, one refresh token gives one answer, nothing fails."""

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from oauth.models import AccessToken, Connection, RefreshToken
from tests.oauth import flow

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 20


def at_once(call: Callable[[], Any]) -> list[tuple[int, dict[str, Any]]]:
    """Status and JSON of AT_ONCE calls that start together."""
    start = threading.Barrier(AT_ONCE)
    answers: list[tuple[int, dict[str, Any]]] = []

    def run() -> None:
        try:
            start.wait(timeout=30)
            response = call()
            answers.append((response.status_code, json.loads(response.content)))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(answers) == AT_ONCE
    return answers


def test_one_code_redeemed_by_twenty_gives_one_pair() -> None:
    client = flow.app()
    code = flow.consent(flow.logged_in(flow.member("ada", "admin")), client)["code"]
    answers = at_once(lambda: flow.redeem(client, code))
    assert [status for status, _ in answers].count(200) == 1
    refused = [body for status, body in answers if status == 400]
    assert len(refused) == AT_ONCE - 1
    assert {body["error"] for body in refused} == {"invalid_grant"}
    assert AccessToken.objects.count() == RefreshToken.objects.count() == 1


def test_one_refresh_token_used_by_twenty_gives_all_the_same_pair() -> None:
    client = flow.app()
    pair = flow.connect(flow.member("ada", "admin"), client)
    answers = at_once(lambda: flow.refresh(client, pair["refresh_token"]))
    assert {status for status, _ in answers} == {200}
    assert len({body["refresh_token"] for _, body in answers}) == 1
    assert len({body["access_token"] for _, body in answers}) == 1
    assert RefreshToken.objects.filter(revoked=None).count() == 1
    assert flow.call(answers[0][1]["access_token"]).status_code == 200
    assert Connection.objects.get().is_live
