"""An agent's instructions: its playbook, and reviewers' feedback on its drafts."""

from agents.models import Agent
from agents.queries.feedback import latest_of
from agents.schemas.agents import Reason
from core.actor import Actor

_MOST = 5


def for_contact(actor: Actor, agent: Agent, playbook: str, contact_id: str) -> str:
    """Playbook and feedback, first about this contact, then in general; no external text."""
    about_him = latest_of(actor, str(agent.pk), contact_id)[:_MOST]
    seen = {reason.action_id for reason in about_him}
    general = latest_of(actor, str(agent.pk))
    others = [reason for reason in general if reason.action_id not in seen][:_MOST]
    return "\n\n".join(
        part
        for part in (
            playbook.strip(),
            _said("What reviewers said of earlier drafts to this contact:", about_him),
            _said("What reviewers said of your drafts lately:", others),
        )
        if part
    )


def _said(heading: str, reasons: list[Reason]) -> str:
    lines = [line for reason in reasons for line in _lines(reason)]
    return "\n".join([heading, *lines]) if lines else ""


def _lines(reason: Reason) -> list[str]:
    found = []
    if reason.reason_code or reason.reason:
        said = ": ".join(word for word in (reason.reason_code, reason.reason) if word)
        found.append(f"- {reason.type} turned down: {said}")
    if reason.edited:
        found.append(f"- {reason.type} rewritten by a person as:\n{reason.edited}")
    return found
