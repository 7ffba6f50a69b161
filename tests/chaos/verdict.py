"""The ledger against the request logs: what was sent, how often, and as it was approved.

Three independent records are compared: what the people read before they approved (their diary), the
ledger, and the receivers' request logs.
"""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.outside import Installation
from tests.mail import Received

DONE, UNKNOWN = ("completed", ""), ("failed", "outcome_unknown")


@dataclass
class Verdict:
    """Ids of the actions with which something is wrong, and the numbers for the table."""

    actions: int = 0
    sent: int = 0
    completed: int = 0
    unknown: int = 0
    tried_again: int = 0
    crowds: int = 0
    twice: list[str] = field(default_factory=list)
    unaccounted: list[str] = field(default_factory=list)
    unlike: list[str] = field(default_factory=list)
    unapproved: list[str] = field(default_factory=list)
    without_a_card: list[str] = field(default_factory=list)
    won_by_more_than_one: list[str] = field(default_factory=list)
    audit: str = ""

    @property
    def faults(self) -> dict[str, Any]:
        """Everything that should be empty and is not."""
        names = (
            *("twice", "unaccounted", "unlike", "unapproved", "without_a_card"),
            *("won_by_more_than_one", "audit"),
        )
        return {name: getattr(self, name) for name in names if getattr(self, name)}


def reach(place: Installation) -> Verdict:
    """Compare the three accounts."""
    book, diary = place.ledger(), place.diary()
    actions = book["actions"]
    pressed: dict[str, dict[str, Any]] = defaultdict(dict)
    for line in diary:
        if line["what"] == "pressed":
            pressed[line["action"]][line["fingerprint"]] = line["shown"]
    messages = _logged(place, actions)
    verdict = Verdict(actions=len(actions), audit=book["audit"])
    for action_id, action in actions.items():
        _judge(verdict, action_id, action, messages.pop(action_id, []), pressed[action_id])
    drafted = {line["action"] for line in diary if line["what"] == "drafted"}
    verdict.unaccounted += [*messages, *(drafted - actions.keys())]
    crowds = [line for line in diary if line["what"] == "crowd"]
    verdict.crowds = len(crowds)
    verdict.won_by_more_than_one = [line["action"] for line in crowds if line["won"] > 1]
    return verdict


def _judge(
    verdict: Verdict,
    action_id: str,
    action: dict[str, Any],
    messages: list[dict[str, Any]],
    pressed: dict[str, Any],
) -> None:
    """One action: its status, its messages, and its approval."""
    state = action["status"], action["detail"]
    verdict.sent += len(messages)
    verdict.completed += state == DONE
    verdict.unknown += state == UNKNOWN
    verdict.tried_again += len(action["attempts"]) > 1
    if len(messages) > 1:
        verdict.twice.append(action_id)
    if state[0] == "failed" and not action["cards"]:
        verdict.without_a_card.append(action_id)
    if state != UNKNOWN and bool(messages) != (state == DONE):
        verdict.unaccounted.append(action_id)
    approved = pressed.get(action["fingerprint"])
    if messages and approved is None:
        verdict.unapproved.append(action_id)
    if any(message != _expected(action["type"], approved or {}) for message in messages):
        verdict.unlike.append(action_id)


def _expected(kind: str, shown: dict[str, Any]) -> dict[str, Any]:
    """The message a receiver must have, by the card a person read."""
    if kind == "resend_send_email":
        return dict(shown.get("request", {}))
    names = ("envelope_from", "envelope_to", "from", "reply_to", "subject", "text", "html")
    return {name: shown.get(name) for name in names}


def _logged(place: Installation, actions: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The receivers' messages by action; those of no action under their own name."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    of_attempt = {
        attempt["id"]: action_id
        for action_id, action in actions.items()
        for attempt in action["attempts"]
    }
    for received in place.sink.received():
        # Its Message-ID ends with the attempt's id.
        attempt = str(received.mime["Message-ID"]).partition("@")[0].rpartition(".")[2]
        found[of_attempt.get(attempt, f"mail of {attempt}")].append(_as_sent(received))
    for line in place.resend.lines("/emails"):
        if line["effect"] and not line["replayed"]:
            action_id = line["idempotency_key"].rpartition("-")[0]
            name = action_id if action_id in actions else f"request of {action_id}"
            found[name].append(json.loads(line["body"]))
    return found


def _as_sent(received: Received) -> dict[str, Any]:
    mime = received.mime
    return {
        "envelope_from": received.mail_from,
        "envelope_to": received.rcpt_to,
        "from": str(mime["From"]),
        "reply_to": str(mime["Reply-To"]),
        "subject": str(mime["Subject"]),
        "text": received.part("plain"),
        "html": received.part("html").rstrip("\n"),
    }
