"""A run over two hundred contacts of the demo, with the built-in planner (tests-6)."""

from datetime import timedelta

import pytest

from agents.models import Agent, Proposed, Run, Target
from approvals.models import Action
from approvals.vocabulary import Status
from core import clock
from crm.models import Contact, Event, Message, Note
from demo.crm import fill
from demo.crm.site import ACME
from jobs import execution
from tests.agents.shop import Shop, ask

pytestmark = pytest.mark.slow

PRICING_FOR_DAYS = 30
# Looked at prices within two days; answered, unsubscribed, is a customer.
PLANTED = (("Aoife", "Brennan"), ("Piotr", "Zieliński"), ("Marcus", "Bell"))


@pytest.fixture
def run(shop: Shop) -> Run:
    now = clock.now()
    plan = fill.Plan(
        seed="1:acme",
        site=ACME,
        begins=now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=fill.DAYS),
        companies=60,
        contacts=200,
        events=3000,
        has_cast=True,
    )
    fill.fill(plan, shop.place, [shop.rex.user], since=None, now=now, say=lambda _: None)
    everybody = {"field": "email", "op": "is_set"}
    agent_id = shop.agent(
        monitoring={"filter": everybody, "max_contacts_per_run": 250}, capabilities=["email"]
    )
    started = ask(shop.member, "agents.agent.trigger", agent_id=agent_id)
    assert execution.run_job(started["job_id"])
    return Run.objects.select_related("job").get(pk=started["run_id"])


def test_two_hundred_contacts_of_the_demo(run: Run) -> None:
    assert run.job.status == "completed", run.job.error
    assert run.targets.filter(state="done").count() >= 200
    assert not run.targets.exclude(state="done").exists()
    cards = list(Action.objects.select_related("contact__company"))
    assert 10 <= len(cards) <= 100
    assert {card.status for card in cards} == {Status.PENDING}

    for card in cards:
        assert visited_prices(card.contact)
        assert card.evidence
        assert set(card.evidence) <= own_ids(card.contact)
    without = Target.objects.exclude(proposals__isnull=False).select_related("contact")
    assert all(target.summary for target in without)

    bodies = {masked(card) for card in cards}
    assert len(bodies) >= 10

    for name, surname in PLANTED:
        planted = Contact.objects.get(firstname=name, lastname=surname)
        assert visited_prices(planted), f"{name} was there and is left alone all the same"
        assert not planted.actions.exists()
        assert not Proposed.objects.filter(target__contact=planted).exists()
    assert Agent.objects.get().enabled


def visited_prices(contact: Contact | None) -> bool:
    since = clock.now() - timedelta(days=PRICING_FOR_DAYS)
    rows = Event.objects.filter(contact=contact, timestamp__gt=since, is_bot=False)
    return rows.filter(path__startswith="/pricing").exists()


def own_ids(contact: Contact | None) -> set[str]:
    rows = (
        Event.objects.filter(contact=contact),
        Note.objects.filter(contact=contact),
        Message.objects.filter(thread__contact=contact),
    )
    return {str(pk) for found in rows for pk in found.values_list("pk", flat=True)}


def masked(card: Action) -> str:
    contact = card.contact
    assert contact is not None
    text = str(card.params["body"])
    firm = contact.company.name if contact.company else ""
    for name in filter(None, (contact.firstname, contact.lastname, firm)):
        text = text.replace(name, "…")
    return text
