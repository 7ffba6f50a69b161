"""Somebody is interested and nobody has written: a first, useful word about their subject."""

from agents.planning import email_text
from agents.planning.dates import day
from agents.planning.exclusions import why_not_to_write
from agents.planning.facts import Activity
from agents.planning.history import Asked, Form, asked_for, interests, newest_first
from agents.planning.names import firm_name
from agents.planning.openings import FIRST_LOOK, thanks
from agents.planning.people import Work, work_of
from agents.planning.plan import Case, Plan, template
from agents.planning.topics import Topic
from agents.providers.base import Intent

KIND = "first_contact"

# Who sent these waits for an answer, not for an introduction.
_WAITING = frozenset({Form.DEMO, Form.CONTACT})
_INTRODUCTION = {
    Work.LEADING: "I help companies find out whether we are a fit before they spend time on it.",
    Work.MONEY: "I handle questions about terms and pricing.",
    Work.SYSTEMS: "I help with the technical questions that come before a decision.",
    Work.OPERATIONS: "I work with the people who run day-to-day operations.",
    Work.CUSTOMERS: "I work with teams that look after customers.",
    Work.OTHER: "I'm your contact here if you have questions.",
}


def _rules(case: Case) -> Plan:
    if not case.facts.events:
        return Plan("No activity to base a first message on.")
    why_not = why_not_to_write(case)
    if why_not:
        return Plan(why_not)
    if case.may("email_message") and case.has_channel("email"):
        return Plan("Interested and not contacted recently.", (_email(case),))
    if _can_invite(case):
        return Plan("Interested and reachable on LinkedIn.", (_invitation(case),))
    return Plan("The agent cannot write to them: no mailbox and no LinkedIn.")


def _can_invite(case: Case) -> bool:
    has_profile = bool(case.facts.contact.linkedin_url)
    return has_profile and case.may("linkedin_connection") and case.has_channel("linkedin")


def _email(case: Case) -> Intent:
    topic = _topic(case)
    firm = firm_name(case.facts.company)
    plain = f"A question about {firm}" if firm else "A short question"
    subject = f"{topic.name[0].upper()}{topic.name[1:]}" if topic else plain
    paragraphs = [_opening(case), _offer(topic), _question(case, topic)]
    return email_text.email(case, KIND, subject, paragraphs, _evidence(case), _why(case))


def _invitation(case: Case) -> Intent:
    topic = _topic(case)
    offer = (
        f"if {topic.name} is on your list, I can send {topic.offer}."
        if topic
        else ("I'm happy to answer questions about what we do.")
    )
    return email_text.invitation(case, KIND, offer, _evidence(case), _why(case))


def _opening(case: Case) -> str:
    asked = asked_for(case.facts)
    if asked and asked.form in _WAITING:
        return thanks(case, asked)
    introduction = _INTRODUCTION[work_of(case.facts)]
    return f"{thanks(case, asked)} {introduction}".strip()


def _offer(topic: Topic | None) -> str:
    if topic is None:
        return "I can send you a one-page overview of what we do and when it isn't a good fit."
    return f"If {topic.name} is on your list at the moment, I can send {topic.offer}."


def _question(case: Case, topic: Topic | None) -> str:
    asked = asked_for(case.facts)
    if asked and asked.form is Form.DEMO:
        return FIRST_LOOK
    if topic is not None:
        return topic.question
    if asked and asked.form in _WAITING:
        return "What would you like to know first?"
    return "Is this something you're looking at this year?"


def _topic(case: Case) -> Topic | None:
    return next((topic for topic, _ in interests(case.facts)), None)


def _evidence(case: Case) -> list[Activity | None]:
    asked: Asked | None = asked_for(case.facts)
    views = [view for _, view in interests(case.facts)[:2]]
    rows = [*views, *([asked.event] if asked else [])]
    return [*(rows or newest_first(case.facts.events)[:2])]


def _why(case: Case) -> str:
    facts, topic, asked = case.facts, _topic(case), asked_for(case.facts)
    newest = newest_first(facts.events)[0]
    parts = [f"Last active on {day(newest.at, facts.time_zone)}"]
    parts += [f"reads about {topic.name}"] if topic else []
    parts += [f"submitted the {asked.form} form"] if asked else []
    return f"{'; '.join(parts)}. No recent message, no reply. Job area: {work_of(facts)}."


TEMPLATE = template("cold_outreach", _rules)
