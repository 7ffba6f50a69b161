"""Two everyday questions, asked of an assistant that counts its calls."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core import clock
from tests import inside
from tests.e2e import changes
from tests.e2e.acme import Acme
from tests.e2e.assistant import Assistant
from tests.mail import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("installation")]


@dataclass
class Conversation:
    """An assistant at work on one question; `calls` are the tools it used for it, in order."""

    assistant: Assistant
    calls: list[str] = field(default_factory=list)

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        self.calls.append(tool)
        return self.assistant.call(tool, **arguments)


@pytest.fixture
def claude(acme: Acme) -> Conversation:
    assistant = acme.assistant("mia")
    assistant.tools()  # connecting and listing are not part of an answer
    return Conversation(assistant)


def day_of(acme: Acme, contact_ids: set[str]) -> dict[str, str]:
    """The bounds of the day on which these people looked at prices, as an assistant has them."""
    at = datetime.fromisoformat(acme.do(changes.last_visit, min(contact_ids)))
    midnight = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        "date_after": midnight.isoformat(),
        "date_before": (midnight + timedelta(days=1)).isoformat(),
    }


def test_what_did_this_contact_do_this_week(acme: Acme, claude: Conversation) -> None:
    acme.do(changes.busy_week, acme.seeded["dora"])
    week = (clock.now() - timedelta(days=7)).isoformat()

    found = claude.call("list_contacts", search="Dora Dahl", fields="summary")["contacts"]
    assert [row["contact_id"] for row in found] == [acme.seeded["dora"]]
    timeline = claude.call(
        "get_contact_timeline", contact_id=found[0]["contact_id"], date_after=week
    )
    told = json.dumps(timeline)
    threads = claude.call(
        "get_contact_conversations", contact_id=found[0]["contact_id"], include_messages=True
    )

    for happened in ("/security", "/customers", "form_submit", "A meeting", "second depot"):
        assert happened in told, happened
    assert "/long-ago" not in told
    assert not timeline.get("truncated")
    assert "Can we meet?" in json.dumps(threads)
    assert len(claude.calls) <= 6, claude.calls


def test_draft_a_follow_up_to_whoever_looked_at_prices_yesterday(
    acme: Acme, claude: Conversation
) -> None:
    names = ("frida", "gustav", "hanna", "ivo", "jule", "karl", "lena", "milo", "nora")
    wanted = set(acme.do(changes.visit_prices, *names).values())
    yesterday = day_of(acme, wanted)
    acme.do(changes.visit_prices, "olga", days_ago=3)
    acme.do(changes.make_agent, "Yesterday")

    groups = claude.call(
        "aggregate_data",
        entity="events",
        group_by=["contact"],
        filters={"event_type": "page_view", "url_contains": "/pricing", **yesterday},
        limit=200,
    )
    assert groups.get("other") is None
    visitors = [group["key"]["contact"] for group in groups["groups"] if group["key"]["contact"]]
    assert set(visitors) == wanted
    agents = claude.call("list_agents", enabled=True)["agents"]
    follow_up = next(agent for agent in agents if agent["name"] == "Yesterday")
    started = claude.call("trigger_agent", agent_id=follow_up["agent_id"], contact_ids=visitors)
    job_id = started["job_id"]
    wait_until(lambda: acme.do(inside.job, job_id)["status"] == "completed", "the run ends", 120)
    run = claude.call("get_agent_run", run_id=started["run_id"], mode="full")["run"]

    assert run["status"] == "completed"
    proposed = {row["contact_id"]: row["actions"] for row in run["contacts"]}
    assert set(proposed) == wanted
    for contact_id, actions in proposed.items():
        assert [action["type"] for action in actions] == ["email_message"], contact_id
        assert actions[0]["action_status"] == "pending_approval"
        assert actions[0]["evidence"]
    review = claude.call("review_pending_actions", agent_id=follow_up["agent_id"])
    assert review["confirm_url"]
    assert len(claude.calls) <= 8, claude.calls

    for contact_id, actions in proposed.items():
        own = claude.assistant.call("list_events", contact_id=contact_id, limit=100)["events"]
        assert set(actions[0]["evidence"]) <= {event["event_id"] for event in own}
    reached = {address for mail in acme.sink.received() for address in mail.rcpt_to}
    assert not {address for address in reached if address.startswith(names)}


def test_the_same_by_hand_for_a_few(acme: Acme, claude: Conversation) -> None:
    names = ("paul", "quinn", "rosa", "sven")
    wanted = set(acme.do(changes.visit_prices, *names, days_ago=2).values())
    day = day_of(acme, wanted)

    page = claude.call(
        "list_events", event_type="page_view", url_contains="/pricing", identified_only=True, **day
    )
    visits = {event["contact_id"]: event["event_id"] for event in page["events"]}
    assert wanted <= set(visits)
    people = claude.call("batch_get_details", entity_type="contacts", ids=sorted(wanted))
    sender = claude.call("list_identities", channel="email")["identities"][0]["identity_id"]
    answers = [
        claude.call(
            "create_action",
            type="email_message",
            identity_id=sender,
            params={
                "contact_id": row["contact_id"],
                "subject": "Our prices",
                "body": f"Hello {row['properties']['firstname']}, may I answer a question?",
            },
            evidence=[visits[row["contact_id"]]],
        )
        for row in people["contacts"]
    ]

    assert [answer["status"] for answer in answers] == ["queued"] * 4
    assert len(claude.calls) <= 8, claude.calls
