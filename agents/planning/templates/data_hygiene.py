"""Records that are half right: repair what the record itself shows, for somebody to confirm."""

from datetime import timedelta

from agents.planning.email_text import ids
from agents.planning.facts import Activity
from agents.planning.history import Form, asked_for, newest_first, newest_trial
from agents.planning.names import first_name
from agents.planning.plan import Case, Plan, template
from agents.providers.base import Intent

TIDY = "tidy_contact"
STAGE = "raise_stage"
NOT_AGAIN = timedelta(days=90)
_EARLY = frozenset({"", "subscriber", "lead"})


def _rules(case: Case) -> Plan:
    if not case.facts.events:
        return Plan("No activity: the record is left as it is.")
    intents = tuple(filter(None, (_tidied(case), _raised(case))))
    fresh = tuple(intent for intent in intents if intent.action_type not in _settled(case))
    if fresh:
        return Plan("The record can be corrected.", fresh)
    if intents:
        return Plan("The same change is already waiting, or was rejected recently.")
    return Plan("The record is in order.")


def _settled(case: Case) -> set[str]:
    """Types that need not be proposed again: one waits, or reviewers said no."""
    waiting = {action.type for action in case.facts.open_actions}
    said_no = [row for row in case.facts.past_decisions if row.decision == "rejected"]
    return waiting | {row.type for row in said_no if case.now - row.at < NOT_AGAIN}


def _tidied(case: Case) -> Intent | None:
    changes = {**_names(case), **_from_company(case)}
    if not changes or not case.may("update_contact"):
        return None
    evidence = ids(newest_first(case.facts.events)[:1])
    why = f"Corrected from the record: {', '.join(sorted(changes))}. Evidence: their last activity."
    params = {"contact_id": case.facts.contact.id, "properties": changes}
    return Intent(TIDY, "update_contact", params, evidence, why)


def _names(case: Case) -> dict[str, str]:
    """First and last name as they are written, when their letters are plainly wrong."""
    person = case.facts.contact
    if not first_name(person):
        return {}
    given = {"firstname": person.firstname, "lastname": person.lastname}
    right = {key: _as_written(name) for key, name in given.items()}
    return {key: name for key, name in right.items() if name != given[key]}


def _as_written(name: str) -> str:
    """`ANA` and ` ana` become Ana; anything with both cases in it is left as somebody wrote it."""
    plain = " ".join(name.split())
    letters = [letter for letter in plain if letter.isalpha()]
    is_one_case = len(letters) > 1 and (plain.islower() or plain.isupper())
    return plain.title() if is_one_case and plain.replace(" ", "").isalpha() else plain


def _from_company(case: Case) -> dict[str, str]:
    person, firm = case.facts.contact, case.facts.company
    if firm is None:
        return {}
    empty = {"country": person.country, "industry": person.industry}
    known = {"country": firm.country, "industry": firm.industry}
    return {key: known[key] for key, value in empty.items() if not value and known[key]}


def _raised(case: Case) -> Intent | None:
    """Who asked for a demo or tries the product is more than a lead."""
    started, asked = newest_trial(case.facts), asked_for(case.facts)
    sign: Activity | None = started
    if asked and asked.form is Form.DEMO:
        sign = asked.event
    is_early = case.facts.contact.lifecyclestage in _EARLY
    if sign is None or not is_early or not case.may("update_lifecycle_stage"):
        return None
    reason = "Started a trial" if sign is started else "Asked for a demo"
    params = {"contact_id": case.facts.contact.id, "stage": "mql", "reason": reason}
    return Intent(STAGE, "update_lifecycle_stage", params, ids([sign]), f"{reason}.")


TEMPLATE = template("data_hygiene", _rules)
