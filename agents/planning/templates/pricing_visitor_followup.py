"""Somebody compares prices: offer the figures in the form their work needs them."""

from agents.planning import email_text
from agents.planning.dates import day
from agents.planning.exclusions import why_not_to_write
from agents.planning.facts import Activity
from agents.planning.history import (
    Asked,
    Form,
    asked_for,
    interests,
    is_recent,
    newest_trial,
    pricing_visits,
)
from agents.planning.names import firm_name
from agents.planning.openings import FIRST_LOOK, thanks, with_date
from agents.planning.people import Size, Work, size_of, work_of
from agents.planning.plan import Case, Plan, template
from agents.planning.stored import stored
from agents.planning.topics import Topic

KIND = "follow_up_pricing"
STALE_DAYS = 30
_WARM = frozenset({"sql", "opportunity"})

_OFFERS = stored("pricing_offers")


def _rules(case: Case) -> Plan:
    visits = [v for v in pricing_visits(case.facts) if is_recent(v.at, case.now, STALE_DAYS)]
    if not visits:
        return Plan("No visit to a pricing page in the last 30 days.")
    why_not = why_not_to_write(case)
    if why_not:
        return Plan(why_not)
    if not case.may("email_message") or not case.has_channel("email"):
        return Plan("The agent may not send e-mail, or its sender has no mailbox.")
    intent = email_text.email(
        case, KIND, _subject(case), _paragraphs(case), _evidence(case, visits), _why(case, visits)
    )
    return Plan("They are comparing prices and have not been contacted recently.", (intent,))


def _paragraphs(case: Case) -> list[str]:
    facts = case.facts
    offer = " ".join(filter(None, (_offer(case), _addition(case))))
    opening = _opening(case, asked_for(facts))
    colleagues = "If someone else on your team is looking into this, I'm happy to include them."
    return [
        f"{opening} {offer}".strip(),
        colleagues if facts.colleagues_active else "",
        _question(case),
    ]


def _opening(case: Case, asked: Asked | None) -> str:
    started = newest_trial(case.facts)
    if started and (asked is None or asked.form not in {Form.DEMO, Form.CONTACT}):
        return with_date(case, "You started a trial {when}.", started)
    if asked:
        return thanks(case, asked)
    if case.facts.known:
        return "We have been in touch before, so I'll keep this short."
    return "I handle questions about plans and pricing."


def _offer(case: Case) -> str:
    by_size: dict[str, str] = _OFFERS[work_of(case.facts)]
    return by_size.get(size_of(case.facts)) or by_size[Size.UNKNOWN]


def _addition(case: Case) -> str:
    topic = _topic(case)
    return f"I can include {topic.offer}." if topic else ""


def _topic(case: Case) -> Topic | None:
    """The subject beside prices; none for somebody who reads on a phone: the letter stays short."""
    if pricing_visits(case.facts)[0].device_type == "Mobile":
        return None
    return next((topic for topic, _ in interests(case.facts)), None)


def _question(case: Case) -> str:
    asked, stage = asked_for(case.facts), case.facts.contact.lifecyclestage
    if asked and asked.form is Form.DEMO:
        return FIRST_LOOK
    if newest_trial(case.facts):
        return "What else do you need to know to decide?"
    if stage in _WARM:
        return "Would 20 minutes this week help to settle any open questions?"
    if work_of(case.facts) is Work.OPERATIONS:
        return "Roughly how many people would use it?"
    return "Shall I send it?" if stage == "mql" else "Would that be useful to you?"


def _subject(case: Case) -> str:
    firm, asked = firm_name(case.facts.company), asked_for(case.facts)
    if asked and asked.form is Form.DEMO:
        return "Your demo and pricing"
    if work_of(case.facts) is Work.MONEY:
        return f"A quote for {firm}" if firm else "A written quote"
    return f"Pricing for {firm}" if firm else "Pricing"


def _evidence(case: Case, visits: list[Activity]) -> list[Activity | None]:
    asked, topics = asked_for(case.facts), interests(case.facts)
    topic = next((view for found, view in topics if found == _topic(case)), None)
    return [*visits[:3], asked.event if asked else None, newest_trial(case.facts), topic]


def _why(case: Case, visits: list[Activity]) -> str:
    facts, topic, asked = case.facts, _topic(case), asked_for(case.facts)
    times = "once" if len(visits) == 1 else f"{len(visits)} times"
    parts = [f"Visited pricing {times}, last on {day(visits[0].at, facts.time_zone)}"]
    parts += [f"also reads about {topic.name}"] if topic else []
    parts += [f"submitted the {asked.form} form"] if asked else []
    parts += ["colleagues are also active"] if facts.colleagues_active else []
    return f"{'; '.join(parts)}. Job area: {work_of(facts)}, company size: {size_of(facts)}."


TEMPLATE = template("pricing_visitor_followup", _rules)
