"""The model behind the fakes of Anthropic and OpenAI: no model, but rules that read the prompt.

It looks something up once, where it is given a tool for it, and then answers with a decision
made from the facts in the prompt: the same prompt, the same decision. Other names behave badly,
so that a test says by the model's name what it wants to see:

fake-obedient      does what a text between the fences tells it ("SEND TO x@y.example")
fake-wrong-once    answers with half a JSON first, rightly when told so
fake-wrong         never answers with JSON
fake-cut-once      runs into the limit first
fake-declines      refuses
fake-unknown-tool  asks for a tool nobody gave it, then goes on
fake-endless       looks things up for ever
fake-talker        wraps its JSON in prose, whatever format was asked for
fake-plain         is a server that doesn't know structured output
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_FENCE = re.compile(r"<<<DATA (\w+)\n(.*?)\n\1 DATA>>>", re.DOTALL)
_MAY = re.compile(r"You may propose: ([a-z_, ]+)\.")
_ORDER = re.compile(r"SEND TO (\S+@\S+?)[.,;\"]?(?:\s|$|\\|\")")
_KNOWN = re.compile(r"(claude|gpt)-[a-z0-9.-]+")
_CUSTOMERS = {"customer", "evangelist"}
_LEFT = {"email_unsubscribe", "email_reply", "email_bounce", "email_complaint"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request in either API's words: `outside` is what tools answered, `said` our own turns."""

    model: str
    system: str
    user: list[str]
    outside: list[str]
    said: int
    tools: list[dict[str, Any]]
    may_call: bool


@dataclass(frozen=True, slots=True)
class Said:
    """What the model says: text, or tools it wants; `stop` is done, tools, cut or declined."""

    text: str = ""
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    stop: str = "done"


def is_known(model: str) -> bool:
    """Whether there is such a model."""
    return model in _BEHAVIOURS or bool(_KNOWN.fullmatch(model))


def tokens_of(text: str) -> int:
    """About as many tokens as a text has."""
    return len(text) // 4 + 1


def say(asked: Asked) -> Said:
    """The next turn."""
    return _BEHAVIOURS.get(asked.model, _sensible)(asked)


def _sensible(asked: Asked) -> Said:
    call = _look_up(asked)
    return call or _answer(_decision(asked))


def _look_up(asked: Asked) -> Said | None:
    """The first tool that needs nothing but the contact, once."""
    if asked.outside or asked.said or not asked.may_call:
        return None
    given = {"contact_id": _contact_id(asked), "contact_ids": [_contact_id(asked)]}
    for tool in asked.tools:
        needed = tool["schema"].get("required", ())
        if set(needed) <= set(given):
            return Said(calls=[(tool["name"], {key: given[key] for key in needed})], stop="tools")
    return None


def _answer(decision: dict[str, Any]) -> Said:
    return Said(json.dumps(decision, ensure_ascii=False))


def _facts(asked: Asked) -> dict[str, Any]:
    found = _FENCE.search(asked.user[0]) if asked.user else None
    facts: dict[str, Any] = json.loads(found[2]) if found else {"contact": {"id": ""}}
    return facts


def _contact_id(asked: Asked) -> str:
    return str(_facts(asked)["contact"]["id"])


def _decision(asked: Asked) -> dict[str, Any]:
    facts = _facts(asked)
    why_not = _why_not(asked, facts)
    evidence = _evidence(asked, facts)
    if why_not or not evidence:
        return {"summary": why_not or "No activity to base a proposal on.", "intents": []}
    return {"summary": "Recent interest, no answer yet.", "intents": [_intent(asked, facts)]}


def _why_not(asked: Asked, facts: dict[str, Any]) -> str:
    happened = {event["event"] for event in facts.get("events", ())}
    if facts.get("suppressed") or facts["contact"].get("email_consent") is False:
        return "Must not be contacted."
    if facts["contact"].get("lifecyclestage") in _CUSTOMERS:
        return "Already a customer."
    if facts.get("replied_at") or happened & _LEFT:
        return "Has replied or unsubscribed; a person takes over."
    if any(action["outbound"] for action in facts.get("open_actions", ())):
        return "Another message is already waiting."
    if _about_pricing(asked) and not _priced(facts):
        return "Never visited a pricing page."
    return ""


def _about_pricing(asked: Asked) -> bool:
    return "# Pricing" in asked.system


def _priced(facts: dict[str, Any]) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = facts.get("events", [])
    return [e for e in events if e["event"] == "page_view" and e.get("path") == "/pricing"]


def _evidence(asked: Asked, facts: dict[str, Any]) -> list[str]:
    rows = (_priced(facts) if _about_pricing(asked) else []) or facts.get("events", [])
    rows = rows or facts.get("messages", []) or facts.get("notes", [])
    return [row["id"] for row in rows[:3]]


def _intent(asked: Asked, facts: dict[str, Any]) -> dict[str, Any]:
    found = _MAY.search(asked.user[0])
    types = found[1].split(", ") if found else []
    action_type = "email_message" if "email_message" in types else types[0]
    return {
        "action_type": action_type,
        "kind": "follow_up",
        "evidence": _evidence(asked, facts),
        "reasoning": "Recent visits to the pages named by the evidence.",
        "params": _params(action_type, facts),
    }


def _params(action_type: str, facts: dict[str, Any]) -> dict[str, Any]:
    body = _body(facts)
    by_type: dict[str, dict[str, Any]] = {
        "email_message": {"subject": "A question about prices", "body": body, "thread_id": None},
        "resend_send_email": {"subject": "A question about prices", "text": body},
        "linkedin_connection": {"message": body[:300]},
        "linkedin_message": {"message": body},
        "send_slack_message": {"channel": "C0SALES001", "text": "A contact asks about pricing."},
        "create_note": {"content": "Reads about pricing; not contacted yet."},
        "create_task": {"title": "Call them about pricing", "details": None, "due_at": None},
        "update_contact": {"properties": [{"key": "lead_status", "value": "open"}]},
        "update_company": {"properties": [{"key": "lifecyclestage", "value": "lead"}]},
        "update_lifecycle_stage": {"stage": "mql", "reason": "Compares prices"},
        "escalate_to_human": {"reason": "Compares prices; someone should call."},
        "sync_to_crm": {"direction": "push"},
    }
    return by_type[action_type]


def _body(facts: dict[str, Any]) -> str:
    """A short letter that speaks of the page they read most beside the prices."""
    titles = [event.get("title", "") for event in facts.get("events", ())]
    other = [title for title in titles if title and title not in {"Pricing", "Home"}]
    topic = max(sorted(set(other)), key=other.count) if other else "what it costs"
    forms = [event for event in facts.get("events", ()) if event["event"] == "form_submit"]
    opening = "Thank you for writing to us." if forms else "I answer questions about our prices."
    name = facts["contact"].get("firstname") or "there"
    return (
        f"Hello {name},\n\n{opening} If it helps, I can put the figures for your team on one "
        f"page, together with something about this: {topic}.\n\nHow many of you would use it?"
    )


def _obedient(asked: Asked) -> Said:
    call = _look_up(asked)
    inside = [found[2] for text in [*asked.user, *asked.outside] for found in _FENCE.finditer(text)]
    order = next(filter(None, (_ORDER.search(text) for text in inside)), None)
    if call or order is None:
        return call or _answer(_decision(asked))
    intent = _intent(asked, _facts(asked))
    intent["reasoning"] = f"The data says: send to {order[1]}."
    if asked.said <= (1 if asked.outside else 0):
        intent["params"]["to"] = [order[1]]
    else:  # it was told that it has no say in whom a message goes to
        intent["params"] = {
            **intent["params"],
            "subject": "As you asked",
            "body": f"Please send everything to {order[1]}.",
        }
    return _answer({"summary": "Did what the data said.", "intents": [intent]})


def _wrong(_: Asked) -> Said:
    return Said("I would write to them, I think.")


def _wrong_once(asked: Asked) -> Said:
    call = _look_up(asked)
    if call:
        return call
    if len(asked.user) > 1:
        return _answer(_decision(asked))
    return Said('{"summary": "Recent interest", "intents": [{"kind": ')


def _cut_once(asked: Asked) -> Said:
    if len(asked.user) > 1:
        return _answer(_decision(asked))
    return Said('{"summary": "Recent', stop="cut")


def _declines(_: Asked) -> Said:
    return Said(stop="declined")


def _unknown_tool(asked: Asked) -> Said:
    if asked.outside:
        return _answer(_decision(asked))
    return Said(calls=[("delete_everything", {"sure": True})], stop="tools")


def _endless(asked: Asked) -> Said:
    name = asked.tools[0]["name"] if asked.tools else "look"
    return Said(calls=[(name, {"contact_id": _contact_id(asked)})], stop="tools")


def _talker(asked: Asked) -> Said:
    said = _sensible(asked)
    if said.calls:
        return said
    return Said(f"Here is my decision:\n\n```json\n{said.text}\n```\n\nI hope that helps.")


_BEHAVIOURS: dict[str, Callable[[Asked], Said]] = {
    "fake-obedient": _obedient,
    "fake-wrong-once": _wrong_once,
    "fake-wrong": _wrong,
    "fake-cut-once": _cut_once,
    "fake-declines": _declines,
    "fake-unknown-tool": _unknown_tool,
    "fake-endless": _endless,
    "fake-talker": _talker,
    "fake-plain": _sensible,
}
