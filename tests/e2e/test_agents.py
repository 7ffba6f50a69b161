"""Agents over the wire: started at once, followed to the end, decided by people, never twice."""

import contextlib
import json
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from standins import anthropic
from tests.e2e.assistant import Mode, Told
from tests.e2e.server import Installation, installation
from tests.e2e.test_everyday_questions import do
from tests.e2e.test_main_job import assistant_of
from tests.e2e.workers import working
from tests.mail import wait_until
from tests.standins import Provider, running

pytestmark = pytest.mark.slow

# The promise is 200 ms; tests allow five times that.
AT_ONCE = 5 * 0.2
FOUND_AGAIN = 5 * 30
MODEL = {"provider": "anthropic", "model": "claude-haiku-5-5"}


@pytest.fixture(scope="module")
def staffed(acme: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The installation with a worker."""
    with working(acme, tmp_path_factory.mktemp("worker")):
        yield acme


def ended(poll: Any, what: str) -> dict[str, Any]:
    """The run once it has ended; `poll` gives it as it is now."""
    wait_until(lambda: poll()["status"] in {"completed", "failed", "cancelled"}, what, 150)
    run: dict[str, Any] = poll()
    assert run["status"] == "completed", run
    return run


def test_an_assistant_starts_a_run_and_a_no_teaches_the_agent(staffed: Installation) -> None:
    visitors = do(staffed, "visit_prices('tara', 'ugo', days_ago=5)")
    agent_id = do(staffed, "employ('By assistant')")
    claude = assistant_of(staffed, "rex", tick=("actions:approve",))

    assert agent_id in [row["agent_id"] for row in claude.call("list_agents")["agents"]]
    ids = list(visitors.values())
    started = claude.call("trigger_agent", agent_id=agent_id, contact_ids=ids)
    assert started["status"] == "queued"
    assert started["run_id"] in started["poll_with"]
    run = ended(
        lambda: claude.call("get_agent_run", run_id=started["run_id"])["run"], "the run ends"
    )

    assert (run["progress"]["done"], run["counts"]["proposals"]) == (2, 2)
    review = claude.call("review_pending_actions", agent_id=agent_id)
    cards = [card for group in review["groups"] for card in group["cards"]]
    assert {card["recipients"][0]["address"] for card in cards} == {
        "tara@taraworks.example",
        "ugo@ugoworks.example",
    }
    no = claude.call(
        "reject_action",
        action_id=cards[0]["action_id"],
        reason_code="wrong_tone",
        reason="Too formal for us.",
    )
    assert (no["decision"], no["action_status"]) == ("rejected", "rejected")
    feedback = claude.call("get_agent", agent_id=agent_id)["agent"]["feedback"]
    assert (feedback["proposed"], feedback["waiting"], feedback["rejected"]) == (2, 1, 1)
    assert feedback["latest"][0]["reason_code"] == "wrong_tone"
    assert "Too formal for us." in json.dumps(feedback["latest"])


class Program:
    """A program with a key at /v1."""

    def __init__(self, acme: Installation, *scopes: str) -> None:
        code = (
            "from django.core.management import call_command;"
            "call_command('create_api_key', workspace='acme', user='rex@acme.example', "
            f"scopes={','.join(scopes)!r}, role='reviewer')"
        )
        key = acme.run(code).strip().splitlines()[-1]
        self._http = httpx.Client(
            base_url=f"{acme.base_url}/v1",
            headers={"Authorization": f"Bearer {key}"},
            timeout=30,
            limits=httpx.Limits(max_keepalive_connections=0),  # no idle sockets
        )

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        answer = self._http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def post(self, path: str, **body: Any) -> httpx.Response:
        return self._http.post(path, json=body)


def test_a_program_with_a_key_starts_a_run_and_approves_in_it_and_nowhere_else(
    staffed: Installation,
) -> None:
    known = do(staffed, "visit_prices('vera', days_ago=5, known=True)")["vera"]
    agent_id = do(staffed, "employ('By program')")
    program = Program(
        *(staffed, "agents:read", "agents:trigger", "agents:approve", "actions:read"),
    )

    answer = program.post(f"/agents/{agent_id}/trigger", contact_ids=[known])
    assert answer.status_code in {200, 202}, answer.text
    path = f"/agents/runs/{answer.json()['run_id']}"
    ended(lambda: program.get(path)["run"], "the run ends")
    contact = program.get(path, mode="full")["run"]["contacts"][0]
    proposal = contact["actions"][0]
    card = program.get(f"/actions/{proposal['action_id']}")
    place = f"{path}/contacts/{known}/actions/{proposal['index']}"

    elsewhere = program.post(
        f"/actions/{proposal['action_id']}/approve", fingerprint=card["fingerprint"]
    )
    assert elsewhere.status_code == 403, elsewhere.text
    by_hand = assistant_of(staffed, "mia").call(
        "create_action",
        type="email_message",
        identity_id=staffed.seeded["sender"],
        params={"contact_id": staffed.seeded["ana"], "subject": "By hand", "body": "Hello"},
    )
    shown = program.get(f"/actions/{by_hand['action_id']}")["fingerprint"]
    refused = program.post(f"/actions/{by_hand['action_id']}/approve", fingerprint=shown)
    assert refused.status_code == 403
    beyond = program.post(f"{path}/contacts/{known}/actions/7/approve", fingerprint=shown)
    assert beyond.status_code == 404
    wrong = program.post(f"{place}/approve", fingerprint="0" * 32)
    assert wrong.status_code in {400, 409, 422}
    assert program.get(f"/actions/{proposal['action_id']}")["action"]["status"] == (
        "pending_approval"
    )

    yes = program.post(f"{place}/approve", fingerprint=card["fingerprint"])

    assert yes.status_code == 200, yes.text
    assert yes.json()["decision"] == "approved"
    wait_until(
        lambda: any("vera@veraworks.example" in m.rcpt_to for m in staffed.sink.received()),
        "the mail leaves",
        5 * 10,
    )
    assert program.get(f"/actions/{by_hand['action_id']}")["action"]["status"] == (
        "pending_approval"
    )


def test_a_trigger_answers_at_once_with_the_broker_dead(tmp_path: Path) -> None:
    with installation(tmp_path, REDIS_URL="redis://127.0.0.1:9/0") as acme:
        do(acme, "visit_prices('wanda')")
        first, second = (do(acme, f"employ({name!r})") for name in ("First", "Second"))
        claude = assistant_of(acme, "mia")
        program = Program(acme, "agents:trigger", "agents:read")
        claude.call("list_agents")  # the server's first request pays for its imports
        program.get("/agents")

        calls = timed(lambda: claude.call("list_agents"))
        by_tool = timed(lambda: claude.call("trigger_agent", agent_id=first))
        by_key = timed(lambda: program.post(f"/agents/{second}/trigger"))

        assert by_tool < calls + AT_ONCE
        assert by_key < AT_ONCE
        run = claude.call("list_agent_runs", agent_id=second)["runs"][0]
        assert (run["status"], run["agent_name"]) == ("queued", "Second")


@contextlib.contextmanager
def with_a_model(tmp_path: Path) -> Iterator[tuple[Provider, Installation]]:
    """An installation whose agents may ask MODEL, and the stand-in that answers for it."""
    with running("anthropic", tmp_path) as model:
        asked = {"ANTHROPIC_BASE_URL": model.origin, "ANTHROPIC_API_KEY": anthropic.TOKEN}
        with installation(tmp_path, **asked) as acme:
            yield model, acme


@pytest.mark.parametrize("mode", ["legacy", "2026-07-28"])
def test_an_assistant_that_waits_hears_how_far_a_run_is(tmp_path: Path, mode: Mode) -> None:
    with with_a_model(tmp_path) as (model, acme), working(acme, tmp_path):
        names = ("anna", "bert", "carla", "dirk")
        visitors = do(acme, f"visit_prices(*{names!r})")
        agent_id = do(acme, f"employ('Followed', llm_config={MODEL!r})")
        claude = assistant_of(acme, "mia", mode=mode)
        for _ in range(2 * len(names)):
            model.fault("/v1/messages", "slow", seconds=1)
        ids = list(visitors.values())
        run_id = claude.call("trigger_agent", agent_id=agent_id, contact_ids=ids)["run_id"]

        told: list[list[Told]] = []
        status, until = "queued", time.monotonic() + 150
        while status in {"queued", "running"} and time.monotonic() < until:
            heard, answer = claude.follow("get_agent_run", run_id=run_id)
            told.append(heard)
            status = answer["run"]["status"]

    assert (status, answer["run"]["progress"]["done"]) == ("completed", len(names))
    longest = max(told, key=len)
    steps = [progress for progress, _, _ in longest]
    assert len(steps) >= 3
    assert steps == sorted(set(steps))
    assert {total for _, total, _ in longest} == {len(names)}
    words = {"Waits for a worker.", "Looks at contacts.", "Done."}
    assert {message for _, _, message in longest} <= words


def timed(call: Any) -> float:
    """Seconds that a call takes."""
    begun = time.monotonic()
    call()
    return time.monotonic() - begun


def test_a_run_whose_worker_is_killed_goes_on_elsewhere_and_proposes_nothing_twice(
    tmp_path: Path,
) -> None:
    with with_a_model(tmp_path) as (model, acme):
        names = ("anna", "bert", "carla", "dirk", "elsa")
        visitors = do(acme, f"visit_prices(*{names!r})")
        agent_id = do(acme, f"employ('Killed', llm_config={MODEL!r})")
        claude = assistant_of(acme, "mia")
        # Two requests a contact: the third contact's first one hangs.
        for seconds in (0, 0, 0, 0, 120):
            model.fault("/v1/messages", "slow", seconds=seconds)
        ids = list(visitors.values())
        run_id = claude.call("trigger_agent", agent_id=agent_id, contact_ids=ids)["run_id"]

        with working(acme, tmp_path) as first:
            wait_until(lambda: len(model.lines("/v1/messages")) == 5, "the third one hangs", 120)
            first.send_signal(signal.SIGKILL)
            first.wait()
        killed_at = time.monotonic()
        cut = claude.call("get_agent_run", run_id=run_id)["run"]
        assert (cut["status"], cut["counts"]["proposals"]) == ("running", 2)

        with working(acme, tmp_path):
            wait_until(lambda: len(model.lines("/v1/messages")) > 5, "it is found again", 150)
            assert time.monotonic() - killed_at < FOUND_AGAIN
            ended(lambda: claude.call("get_agent_run", run_id=run_id)["run"], "the run ends")

        rows = claude.call("list_actions", agent_id=agent_id, limit=100)["actions"]
        assert Counter(row["contact_id"] for row in rows) == dict.fromkeys(ids, 1)
        assert {row["status"] for row in rows} == {"pending_approval"}
        assert acme.sink.received() == []
