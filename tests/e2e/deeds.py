"""What happens inside an installation between two clicks, done by its own services."""

import json
from datetime import timedelta
from typing import Any

from django.db import transaction

from accounts.models import Membership, Workspace
from agents.models import Permit
from approvals.models import Action
from core import clock, operations
from crm.models import Contact
from identities.models import Identity
from jobs import execution
from tests import factories
from tests.agents.shop import ask, visitor


def approve_and_move(action_id: str, contact_id: str, address: str) -> None:
    """Rex approves; before the message can leave, the contact gets another address."""
    rex = Membership.objects.get(user__email="rex@acme.example")
    with transaction.atomic():
        shown = Action.objects.get(pk=action_id).fingerprint
        operations.submit(
            factories.person(rex),
            operations.get("approvals.action.approve"),
            {"action_id": action_id, "fingerprint": shown},
        )
        Contact.objects.filter(pk=contact_id).update(email=address)


def meet(address: str) -> None:
    """A new contact appears in the workspace."""
    factories.contact(Workspace.objects.get(slug="acme"), address)


def visit_prices(*names: str, days_ago: int = 1, known: bool = False, **facts: Any) -> None:
    """People look at prices; prints their ids. Who is known was written to half a year ago."""
    from tests.e2e import seed

    acme, rex = Workspace.objects.get(slug="acme"), Membership.objects.get(user__name="Rex")
    found = {name: visitor(acme, name, days_ago, **facts) for name in names}
    for contact in found.values() if known else ():
        seed.delivered(acme, contact, rex, days_ago=180)
    say({name: str(contact.pk) for name, contact in found.items()})


def employ(name: str, **facts: Any) -> None:
    """Alice makes an agent that follows up visits to prices, and switches it on; prints its id."""
    alice = factories.person(Membership.objects.get(user__email="alice@acme.example"))
    sender = Identity.objects.get(workspace=alice.workspace_id)
    if "llm_config" in facts:
        provider = facts["llm_config"]["provider"]
        Permit.objects.create(
            workspace_id=alice.workspace_id, provider=provider, opened_at=clock.now()
        )
    given: dict[str, Any] = {
        "playbook_template": "pricing_visitor_followup",
        "identity_id": str(sender.pk),
    }
    made = ask(alice, "agents.agent.create", name=name, **given, **facts)
    agent_id = made["result"]["agent"]["agent_id"]
    ask(alice, "agents.agent.update", agent_id=agent_id, enabled=True)
    say(agent_id)


def work(job_id: str) -> None:
    """A worker's turn at a job."""
    assert execution.run(job_id)


def busy_week(contact_id: str) -> None:
    """What a week brings: visits, a form, a mail, a note; and something from weeks ago."""
    ana = Contact.objects.get(pk=contact_id)
    now = clock.now()
    for days, path in ((1, "/security"), (2, "/customers"), (30, "/long-ago")):
        at = now - timedelta(days=days)
        factories.event(ana, url=f"https://acme.example{path}", path=path, timestamp=at)
    factories.event(ana, "form_submit", path="/demo", timestamp=now - timedelta(days=1))
    factories.message(factories.thread(ana), "Can we meet?", subject="A meeting")
    factories.note(ana, "Wants a second depot.")


def say(found: Any) -> None:
    """Tell the test."""
    print(json.dumps(found))  # noqa: T201 - the caller reads it
