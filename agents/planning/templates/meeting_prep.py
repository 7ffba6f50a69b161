"""A meeting is near: a note with what is known, for whoever goes into it."""

from datetime import timedelta

from agents.planning.dates import appointment, day
from agents.planning.history import (
    Form,
    asked_for,
    interests,
    is_recent,
    newest_event,
    newest_first,
    pricing_visits,
)
from agents.planning.people import work_of
from agents.planning.plan import Case, Plan, template
from agents.providers.base import Intent

KIND = "prepare_meeting"
AHEAD = timedelta(days=3)
ASKED_DAYS = 7
NOT_AGAIN = timedelta(days=7)
MAX_TOPICS = 4
MAX_EVIDENCE = 12
_BOOKED = ("meeting_booked", "meeting_scheduled", "demo_booked")


def _rules(case: Case) -> Plan:
    occasion = _occasion(case)
    if not occasion:
        return Plan("No meeting in the next three days and no demo request in the last seven.")
    if not case.facts.evidence_ids:
        return Plan("Nothing to base a note on.")
    if _is_prepared(case):
        return Plan("A note for it already exists.")
    intents = tuple(filter(None, (_note(case, occasion),)))
    if not intents:
        return Plan("The agent may create neither notes nor tasks.")
    return Plan("A meeting is coming up.", intents)


def _occasion(case: Case) -> str:
    facts = case.facts
    at = facts.upcoming_meeting_at
    if at is not None and case.now <= at <= case.now + AHEAD:
        return f"Meeting on {appointment(at, facts.time_zone)}"
    booked = newest_event(facts, *_BOOKED)
    if booked and is_recent(booked.at, case.now, ASKED_DAYS):
        return f"Meeting booked on {day(booked.at, facts.time_zone)}"
    asked = asked_for(facts)
    if asked and asked.form is Form.DEMO and is_recent(asked.event.at, case.now, ASKED_DAYS):
        return f"Demo requested on {day(asked.event.at, facts.time_zone)}"
    return ""


def _is_prepared(case: Case) -> bool:
    ours = {"create_note", "create_task"}
    waiting = any(action.type in ours for action in case.facts.open_actions)
    decided = [row.at for row in case.facts.past_decisions if row.type in ours]
    return waiting or any(case.now - at < NOT_AGAIN for at in decided)


def _note(case: Case, occasion: str) -> Intent | None:
    contact_id = case.facts.contact.id
    why = f"{occasion}: a summary for those attending."
    if case.may("create_note"):
        params = {"contact_id": contact_id, "content": f"## {occasion}\n\n{_known(case)}"}
        return Intent(KIND, "create_note", params, _evidence(case), why)
    if case.may("create_task"):
        params = {
            "contact_id": contact_id,
            "title": f"Prepare: {occasion}",
            "details": _known(case),
        }
        return Intent(KIND, "create_task", params, _evidence(case), why)
    return None


def _known(case: Case) -> str:
    lines = {
        "Who": _who(case),
        "Interested in": _interested(case),
        "Requested": _asked(case),
        "Messages": _messages(case),
        "Open actions": _open(case),
    }
    known = [f"- **{name}:** {text}" for name, text in lines.items() if text]
    asks = [f"- {topic.question}" for topic, _ in interests(case.facts)[:3]]
    asks = asks or ["- What would you like to improve?"]
    return "\n".join([*known, "", "Worth asking:", "", *asks])


def _who(case: Case) -> str:
    facts = case.facts
    count = facts.company.employee_count if facts.company else None
    parts = [f"job area: {work_of(facts)}"]
    parts += [f"{count} employees"] if count else []
    parts += [f"stage: {facts.contact.lifecyclestage}"] if facts.contact.lifecyclestage else []
    parts += ["colleagues are also active"] if facts.colleagues_active else []
    return ", ".join(parts)


def _interested(case: Case) -> str:
    zone, visits = case.facts.time_zone, pricing_visits(case.facts)
    parts = [f"prices ({len(visits)}, last on {day(visits[0].at, zone)})"] if visits else []
    for topic, view in interests(case.facts)[:MAX_TOPICS]:
        parts.append(f"{topic.name} (last on {day(view.at, zone)})")
    return "; ".join(parts)


def _asked(case: Case) -> str:
    asked = asked_for(case.facts)
    return f"{asked.form}, {day(asked.event.at, case.facts.time_zone)}" if asked else ""


def _messages(case: Case) -> str:
    words = {"in": "last from them", "out": "last from us"}
    parts = []
    for direction, label in words.items():
        dates = [letter.at for letter in case.facts.messages if letter.direction == direction]
        parts += [f"{label} on {day(max(dates), case.facts.time_zone)}"] if dates else []
    return "; ".join(parts)


def _open(case: Case) -> str:
    count = len(case.facts.open_actions)
    if not count:
        return ""
    return f"{count} waiting"


def _evidence(case: Case) -> tuple[str, ...]:
    facts, asked = case.facts, asked_for(case.facts)
    events = [*pricing_visits(facts)[:2], *(view for _, view in interests(facts)[:MAX_TOPICS])]
    events += [asked.event] if asked else []
    named = [event.id for event in [*events, *newest_first(facts.events)[:1]]]
    named += [letter.id for letter in facts.messages[:2]]
    named += [note.id for note in facts.notes[:1]]
    return tuple(dict.fromkeys(named))[:MAX_EVIDENCE]


TEMPLATE = template("meeting_prep", _rules)
