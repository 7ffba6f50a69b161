"""Changes inside an installation between two requests, by its own services."""

from datetime import timedelta
from typing import Any

from django.db import transaction

from accounts.models import Membership, Workspace
from agents.models import AllowedProvider, Run
from approvals.models import Action
from core import clock, operations
from crm.models import Contact, Event
from identities.models import Identity
from tests import factories
from tests.agents.shop import ask, visitor
from tests.e2e import seed


def approve_and_move(action_id: str, contact_id: str, address: str) -> None:
    """Rex approves; before the message is sent, the contact gets another address."""
    rex = Membership.objects.get(user__email="rex@acme.example")
    with transaction.atomic():
        shown = Action.objects.get(pk=action_id).fingerprint
        operations.submit(
            factories.person(rex),
            operations.get("approvals.action.approve"),
            {"action_id": action_id, "fingerprint": shown},
        )
        Contact.objects.filter(pk=contact_id).update(email=address)


def status_of(action_id: str) -> str:
    """Where an action is."""
    return Action.objects.get(pk=action_id).status


def job_of(run_id: str) -> str:
    """The id of a run's job."""
    return str(Run.objects.get(pk=run_id).job_id)


def add_contact(address: str) -> str:
    """The id of a new contact of Acme."""
    return str(factories.contact(Workspace.objects.get(slug="acme"), address).pk)


def visit_prices(
    *names: str, days_ago: int = 1, known: bool = False, **facts: Any
) -> dict[str, str]:
    """The ids of people who look at prices. Who is known was written to half a year ago."""
    acme, rex = Workspace.objects.get(slug="acme"), Membership.objects.get(user__name="Rex")
    found = {name: visitor(acme, name, days_ago, **facts) for name in names}
    for contact in found.values() if known else ():
        seed.delivered(acme, contact, rex, days_ago=180)
    return {name: str(contact.pk) for name, contact in found.items()}


def last_visit(contact_id: str) -> str:
    """The moment of a contact's last event."""
    return Event.objects.filter(contact_id=contact_id).latest("timestamp").timestamp.isoformat()


def make_agent(name: str, **facts: Any) -> str:
    """The id of an agent of Alice's that follows up visits to prices and is on."""
    alice = factories.person(Membership.objects.get(user__email="alice@acme.example"))
    sender = Identity.objects.get(workspace=alice.workspace_id, user__name="Mia")
    if "llm_config" in facts:
        AllowedProvider.objects.get_or_create(
            workspace_id=alice.workspace_id,
            provider=facts["llm_config"]["provider"],
            defaults={"opened_at": clock.now()},
        )
    given: dict[str, Any] = {
        "playbook_template": "pricing_visitor_followup",
        "identity_id": str(sender.pk),
    }
    made = ask(alice, "agents.agent.create", name=name, **given, **facts)
    agent_id: str = made["result"]["agent"]["agent_id"]
    ask(alice, "agents.agent.update", agent_id=agent_id, enabled=True)
    return agent_id


def busy_week(contact_id: str) -> None:
    """A week's events: visits, a form, a mail, a note; and one from weeks ago."""
    ana = Contact.objects.get(pk=contact_id)
    now = clock.now()
    for days, path in ((1, "/security"), (2, "/customers"), (30, "/long-ago")):
        at = now - timedelta(days=days)
        factories.event(ana, url=f"https://acme.example{path}", path=path, timestamp=at)
    factories.event(ana, "form_submit", path="/demo", timestamp=now - timedelta(days=1))
    factories.message(factories.thread(ana), "Can we meet?", subject="A meeting")
    factories.note(ana, "Wants a second depot.")
