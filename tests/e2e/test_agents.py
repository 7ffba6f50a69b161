"""Agents over the wire: started at once, followed to the end, decided by people, never twice."""

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from core.access import Scope
from tests import inside
from tests.e2e import changes
from tests.e2e.acme import Acme
from tests.e2e.assistant import Assistant, Mode, Told
from tests.e2e.program import Program
from tests.fakes import Provider
from tests.mail import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("installation")]

PATIENCE = 120  # only bounds hanging
MODEL = {"provider": "anthropic", "model": "claude-haiku-5-5"}
MESSAGES = "/v1/messages"


def ended(acme: Acme, run_id: str, shown: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The run as it is shown once it has ended."""
    job_id = acme.do(changes.job_of, run_id)
    over = {"completed", "failed", "cancelled"}
    wait_until(lambda: acme.do(inside.job, job_id)["status"] in over, "the run ends", PATIENCE)
    run = shown()
    assert run["status"] == "completed", run
    return run


def test_an_assistant_starts_a_run_and_a_no_teaches_the_agent(acme: Acme) -> None:
    ids = list(acme.do(changes.visit_prices, "tara", "ugo", days_ago=5).values())
    agent_id = acme.do(changes.make_agent, "By assistant")
    claude = acme.assistant("rex", tick=("actions:approve",))

    assert agent_id in [row["agent_id"] for row in claude.call("list_agents")["agents"]]
    started = claude.call("trigger_agent", agent_id=agent_id, contact_ids=ids)
    assert started["status"] == "queued"
    assert started["run_id"] in started["poll_with"]
    run_id = started["run_id"]
    run = ended(acme, run_id, lambda: claude.call("get_agent_run", run_id=run_id)["run"])

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


def test_a_program_with_a_key_starts_a_run_and_approves_in_it_and_nowhere_else(acme: Acme) -> None:
    known = acme.do(changes.visit_prices, "vera", days_ago=5, known=True)["vera"]
    agent_id = acme.do(changes.make_agent, "By program")
    scopes = [Scope.AGENTS_READ, Scope.AGENTS_TRIGGER, Scope.AGENTS_APPROVE, Scope.ACTIONS_READ]
    key = acme.do(inside.api_key, "rex@acme.example", *scopes, role="reviewer")
    by_hand = acme.assistant("mia").call(
        "create_action",
        type="email_message",
        identity_id=acme.seeded["sender"],
        params={"contact_id": acme.seeded["ana"], "subject": "By hand", "body": "Hello"},
    )
    with Program(acme.url, key) as program:
        answer = program.post(f"/agents/{agent_id}/trigger", contact_ids=[known])
        assert answer.status_code in {200, 202}, answer.text
        run_id = answer.json()["run_id"]
        path = f"/agents/runs/{run_id}"
        run = ended(acme, run_id, lambda: program.get(path, mode="full")["run"])
        proposal = run["contacts"][0]["actions"][0]
        own = f"/actions/{proposal['action_id']}"
        other = f"/actions/{by_hand['action_id']}"
        place = f"{path}/contacts/{known}/actions"
        seen, others = (program.get(card)["fingerprint"] for card in (own, other))

        elsewhere = program.post(f"{own}/approve", fingerprint=seen)
        assert elsewhere.status_code == 403, elsewhere.text
        assert program.post(f"{other}/approve", fingerprint=others).status_code == 403
        beyond = program.post(f"{place}/7/approve", fingerprint=others)
        assert beyond.status_code == 404
        wrong = program.post(f"{place}/{proposal['index']}/approve", fingerprint="0" * 32)
        assert wrong.status_code in {400, 409, 422}
        assert program.get(own)["action"]["status"] == "pending_approval"

        yes = program.post(f"{place}/{proposal['index']}/approve", fingerprint=seen)

        assert yes.status_code == 200, yes.text
        assert yes.json()["decision"] == "approved"
        wait_until(
            lambda: any("vera@veraworks.example" in m.rcpt_to for m in acme.sink.received()),
            "the mail leaves",
            PATIENCE,
        )
        assert program.get(other)["action"]["status"] == "pending_approval"


@dataclass
class Listener:
    """A client that follows a run to its end; `heard` is the progress of each call."""

    claude: Assistant
    run_id: str
    heard: list[list[Told]] = field(default_factory=list)

    def listen(self) -> dict[str, Any]:
        """Call until the run has ended; its last answer."""
        while True:
            self.heard.append([])
            answer = self.claude.follow(self.heard[-1], "get_agent_run", run_id=self.run_id)
            run: dict[str, Any] = answer["run"]
            if run["status"] not in {"queued", "running"}:
                return run

    @property
    def reached(self) -> float:
        """The highest step reported to it."""
        return max((progress for told in self.heard for progress, _, _ in told), default=-1)


def wait_for_step(listeners: list[Listener], step: int) -> None:
    """Waits until the step was reported to all of them."""
    wait_until(
        lambda: all(listener.reached >= step for listener in listeners),
        f"all hear of step {step}",
        PATIENCE,
    )


def hold(model: Provider, file: Path) -> None:
    """Let the model's next answer wait until the file is there; the one after it comes at once."""
    model.fault(MESSAGES, "wait", until=str(file))
    model.fault(MESSAGES, "slow", seconds=0)


def test_assistants_that_wait_hear_how_far_a_run_is(
    acme: Acme, model: Provider, tmp_path: Path
) -> None:
    names = ("bert", "carla", "dirk")
    ids = list(acme.do(changes.visit_prices, *names, days_ago=5).values())
    agent_id = acme.do(changes.make_agent, "Followed", llm_config=MODEL)
    holds = [tmp_path / name for name in names]
    for file in holds:
        hold(model, file)
    starting = acme.assistant("mia")
    run_id = starting.call("trigger_agent", agent_id=agent_id, contact_ids=ids)["run_id"]
    modes: list[Mode] = ["legacy", "2026-07-28"]
    clients = [Assistant(acme.mcp, acme.person("mia"), mode=mode) for mode in modes]
    for client in clients:
        client.tools()  # connects: one person answers one consent page after the other
    listeners = [Listener(client, run_id) for client in clients]

    with ThreadPoolExecutor(len(listeners)) as pool:
        runs = [pool.submit(listener.listen) for listener in listeners]
        try:
            for done, file in enumerate(holds):
                wait_for_step(listeners, done)
                file.touch()
        finally:
            for file in holds:
                file.touch()
        results = [run.result() for run in runs]

    for listener, run in zip(listeners, results, strict=True):
        assert (run["status"], run["progress"]["done"]) == ("completed", len(names))
        for told in listener.heard:
            steps = [progress for progress, _, _ in told]
            assert steps == sorted(set(steps))
        every = [step for told in listener.heard for step in told]
        assert {progress for progress, _, _ in every} >= {0, 1, 2}
        assert {total for progress, total, _ in every if progress >= 1} == {len(names)}
        words = {"Waiting for a worker.", "Reviewing contacts.", "Done."}
        assert {message for _, _, message in every} <= words


def test_a_run_whose_worker_is_killed_goes_on_elsewhere_and_proposes_nothing_twice(
    acme: Acme, model: Provider, tmp_path: Path
) -> None:
    names = ("elsa", "fritz", "gerda", "heinz", "ines")
    ids = list(acme.do(changes.visit_prices, *names, days_ago=5).values())
    agent_id = acme.do(changes.make_agent, "Killed", llm_config=MODEL)
    claude = acme.assistant("mia")
    before = len(model.lines(MESSAGES))
    # Two requests a contact: the third contact's first one hangs.
    for _ in range(4):
        model.fault(MESSAGES, "slow", seconds=0)
    model.fault(MESSAGES, "wait", until=str(tmp_path / "never"))
    run_id = claude.call("trigger_agent", agent_id=agent_id, contact_ids=ids)["run_id"]

    wait_until(lambda: len(model.lines(MESSAGES)) == before + 5, "the third one hangs", PATIENCE)
    acme.installed.kill("worker")
    cut = claude.call("get_agent_run", run_id=run_id)["run"]
    acme.do(inside.end_lease, acme.do(changes.job_of, run_id))
    acme.installed.start("worker")
    ended(acme, run_id, lambda: claude.call("get_agent_run", run_id=run_id)["run"])

    assert (cut["status"], cut["counts"]["proposals"]) == ("running", 2)
    assert len(model.lines(MESSAGES)) > before + 5
    rows = claude.call("list_actions", agent_id=agent_id, limit=100)["actions"]
    assert Counter(row["contact_id"] for row in rows) == dict.fromkeys(ids, 1)
    assert {row["status"] for row in rows} == {"pending_approval"}
    addresses = {f"{name}@{name}works.example" for name in names}
    received = {address for mail in acme.sink.received() for address in mail.rcpt_to}
    assert addresses.isdisjoint(received)
