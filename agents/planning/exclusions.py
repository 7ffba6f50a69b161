"""Who is left in peace.

The gate and the checks refuse such sends too; no draft should come so far.
"""

from datetime import timedelta

from agents.planning.facts import Facts
from agents.planning.history import newest_event
from agents.planning.plan import Case

CUSTOMERS = frozenset({"customer", "evangelist"})
_LEFT = ("email_unsubscribe", "email_complaint", "email_bounce")
_REPLIED = ("email_reply",)
_NEVER = frozenset({"wrong_person", "not_wanted"})
QUIET_AFTER_OURS = timedelta(days=7)
QUIET_AFTER_NO = timedelta(days=30)


def why_not_to_write(case: Case) -> str:
    """Why nothing that reaches the contact is proposed, in a sentence; empty when it may be."""
    facts = case.facts
    if facts.suppressed or facts.contact.email_consent is False or newest_event(facts, *_LEFT):
        return "They unsubscribed or complained, or e-mail to them bounced."
    if facts.contact.lifecyclestage in CUSTOMERS:
        return "They are already a customer; their owner handles contact."
    if _has_replied(facts):
        return "They have replied; a person takes over from here."
    if any(action.outbound for action in facts.open_actions):
        return "Another message to them is already waiting."
    return _too_soon(case) or _turned_down(case)


def _has_replied(facts: Facts) -> bool:
    inbound = any(letter.direction == "in" for letter in facts.messages)
    return facts.replied_at is not None or inbound or newest_event(facts, *_REPLIED) is not None


def _too_soon(case: Case) -> str:
    ours = [letter.at for letter in case.facts.messages if letter.direction == "out"]
    if ours and case.now - max(ours) < QUIET_AFTER_OURS:
        return "We wrote to them in the last 7 days and are waiting for a reply."
    return ""


def _turned_down(case: Case) -> str:
    rejected = [row for row in case.facts.past_decisions if row.decision == "rejected"]
    if any(row.reason_code in _NEVER for row in rejected):
        return "A reviewer rejected a draft to them: wrong person, or not wanted."
    if any(case.now - row.at < QUIET_AFTER_NO for row in rejected):
        return "A reviewer rejected a draft to them in the last 30 days."
    return ""
