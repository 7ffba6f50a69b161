"""A trial has gone quiet: offer the next step, and tell the owner."""

from datetime import timedelta

from agents.planning import email_text
from agents.planning.dates import day, roughly
from agents.planning.exclusions import why_not_to_write
from agents.planning.facts import Activity
from agents.planning.history import interests, is_recent, newest_first, newest_trial, product_events
from agents.planning.names import firm_name
from agents.planning.people import Work, work_of
from agents.planning.plan import Case, Plan, template
from agents.planning.topics import Topic
from agents.providers.base import Intent

KIND = "rescue_trial"
TRIAL_DAYS = 30
QUIET_DAYS = 5

_INVITED = ("invite_sent", "user_invited", "member_added")


def _rules(case: Case) -> Plan:
    started = newest_trial(case.facts)
    if started is None or not is_recent(started.at, case.now, TRIAL_DAYS):
        return Plan("No trial started in the last 30 days.")
    last = _last_sign(case, started)
    if is_recent(last.at, case.now, QUIET_DAYS):
        return Plan("The trial is active: there was activity in the last five days.")
    why_not = why_not_to_write(case)
    if why_not:
        return Plan(why_not)
    if case.may("email_message") and case.has_channel("email"):
        return Plan("The trial has gone quiet.", (_email(case, started, last),))
    if case.may("create_task"):
        return Plan("The trial has gone quiet; someone should call.", (_task(case, started, last),))
    return Plan("The agent may neither send e-mail nor create tasks.")


def _last_sign(case: Case, started: Activity) -> Activity:
    used = product_events(case.facts, started.at)
    views = [e for e in case.facts.events if e.event == "page_view" and e.at > started.at]
    return newest_first([started, *used, *views])[0]


def _email(case: Case, started: Activity, last: Activity) -> Intent:
    firm = firm_name(case.facts.company)
    subject = f"Your trial at {firm}" if firm else "Your trial"
    when = roughly(started.at, case.now, case.facts.time_zone)
    topic = _topic(case, started)
    paragraphs = [
        f"You started a trial {when}. {_step(case, started)}",
        f"If {topic.name} is what's holding things up, I can send {topic.offer}." if topic else "",
        _question(case),
    ]
    return email_text.email(
        case, KIND, subject, paragraphs, _evidence(case, started, last), _why(case, started, last)
    )


def _task(case: Case, started: Activity, last: Activity) -> Intent:
    params = {
        "contact_id": case.facts.contact.id,
        "title": "Call about the trial: it has gone quiet",
        "details": _why(case, started, last),
    }
    evidence = email_text.ids(_evidence(case, started, last))
    return Intent(KIND, "create_task", params, evidence, _why(case, started, last))


def _step(case: Case, started: Activity) -> str:
    """The next step by what was done so far."""
    done = {event.event for event in product_events(case.facts, started.at)}
    if not done:
        return "The first step is the hardest to find time for; I'm happy to do it with you."
    if done & set(_INVITED):
        return "The next step is to try it on real work; one day is enough."
    return "A good next step is to bring in one colleague who would use it every day."


def _question(case: Case) -> str:
    if work_of(case.facts) is Work.SYSTEMS:
        return "Is anything technical in the way?"
    if work_of(case.facts) in {Work.LEADING, Work.MONEY}:
        return "Who on your team could I help with it?"
    return "Would half an hour together this week help?"


def _topic(case: Case, started: Activity) -> Topic | None:
    later = [(topic, view) for topic, view in interests(case.facts) if view.at > started.at]
    return next((topic for topic, _ in later), None)


def _evidence(case: Case, started: Activity, last: Activity) -> list[Activity | None]:
    topic = _topic(case, started)
    view = next((view for found, view in interests(case.facts) if found == topic), None)
    return [started, last, *product_events(case.facts, started.at)[:2], view]


def _why(case: Case, started: Activity, last: Activity) -> str:
    zone, quiet = case.facts.time_zone, (case.now - last.at) // timedelta(days=1)
    done = len(product_events(case.facts, started.at))
    return (
        f"Trial since {day(started.at, zone)}; {done} step{'' if done == 1 else 's'} in the "
        f"product since; no activity for {quiet} days."
    )


TEMPLATE = template("trial_rescue", _rules)
