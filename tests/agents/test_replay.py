"""A run against a model, recorded by its fake server and played again without the model."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from django.db import transaction

from agents.models import AllowedProvider
from approvals.models import Action
from core import clock
from fakes import anthropic
from tests.agents.models import MODELS, PATHS, served
from tests.agents.shop import Shop

NAMES = ("ana", "ben", "cleo")


@pytest.mark.parametrize("name", PATHS)
def test_a_recorded_run_proposes_the_same_cards_again(
    shop: Shop, settings: Any, tmp_path: Path, name: str
) -> None:
    with served(name, settings, folder(tmp_path, "live")) as live:
        agent_id = asking(shop, name)
        first = transaction.savepoint()
        shop.run(agent_id)
        recorded = cards()
        transaction.savepoint_rollback(first)
    assert not Action.objects.exists()

    with served(name, settings, folder(tmp_path, "again"), "--replay", str(live.log)) as again:
        run = shop.run(agent_id)

        assert run.job.status == "completed", run.job.error
        assert cards() == recorded
        assert len(recorded) == len(NAMES)
        assert [line["answer"] for line in again.lines()] == [
            line["answer"] for line in live.lines()
        ]
        assert all(line["replayed"] for line in again.lines())


def test_what_was_not_recorded_is_not_found_and_proposes_nothing(
    shop: Shop, settings: Any, tmp_path: Path
) -> None:
    (empty := tmp_path / "empty.log").touch()
    with served("anthropic", settings, folder(tmp_path, "again"), "--replay", str(empty)) as again:
        run = shop.run(asking(shop, "anthropic"))
        answer = httpx.post(
            f"{again.origin}/v1/messages",
            json={"model": "claude-haiku-5-5"},
            headers={"x-api-key": anthropic.TOKEN, "anthropic-version": anthropic.VERSION},
        )

    assert (run.job.status, Action.objects.count()) == ("failed", 0)
    assert answer.status_code == 404
    assert answer.json()["error"]["type"] == "not_found_error"


def test_a_wrong_key_hears_nothing_of_what_was_recorded(tmp_path: Path, settings: Any) -> None:
    (empty := tmp_path / "empty.log").touch()
    with served("anthropic", settings, folder(tmp_path, "again"), "--replay", str(empty)) as again:
        answer = httpx.post(f"{again.origin}/v1/messages", json={}, headers={"x-api-key": "wrong"})

    assert answer.status_code == 401


def asking(shop: Shop, name: str) -> str:
    """An agent that asks a model of this provider, and some visitors."""
    AllowedProvider.objects.create(workspace=shop.place, provider=name, opened_at=clock.now())
    for visitor in NAMES:
        shop.visitor(visitor)
    return shop.agent(llm_config={"provider": name, "model": MODELS[name]})


def folder(parent: Path, name: str) -> Path:
    """An empty folder."""
    made = parent / name
    made.mkdir()
    return made


def cards() -> list[tuple[Any, ...]]:
    """The proposals: recipient, content, reason and evidence."""
    rows = Action.objects.order_by("contact__email")
    return [(a.contact_id, a.type, a.params, a.description, a.evidence) for a in rows]
