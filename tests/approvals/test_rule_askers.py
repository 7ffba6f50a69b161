"""Rules that name one agent, one key or one connected app, and what they call it."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client as Browser

from accounts.models import ApiKey
from accounts.services import api_keys
from agents.models import Agent
from approvals.models import Action, PolicyVersion
from approvals.policy import changes as changing
from approvals.policy import page, versions
from approvals.policy.page import Trial
from approvals.policy.schemas import Recipient
from core import clock
from core.actor import Actor, ActorKind, Client
from core.errors import Forbidden, ValidationFailed
from tests import factories
from tests.api.conftest import key_of
from tests.approvals.conftest import Office, approve, decide
from tests.approvals.test_rules import PAGE, add, admin, rule

pytestmark = pytest.mark.django_db


def agent(office: Office, name: str) -> Agent:
    moment = clock.now()
    facts = {"slots_from": moment, "created_at": moment, "updated_at": moment}
    return Agent.objects.create(
        workspace=office.place, owner=office.alice.user, name=name, enabled=True, **facts
    )


def at_work(office: Office, row: Agent) -> Actor:
    worker = replace(factories.person(office.alice), kind=ActorKind.AGENT, name=row.name)
    return replace(worker, agent_id=str(row.pk))


def by_key(text: str) -> Actor:
    caller = api_keys.identify(text)
    assert caller is not None
    return caller.actor


def store(office: Office, text: str, **facts: Any) -> None:
    add(office, rule(text, **facts))


def test_a_rule_on_one_agent_leaves_the_others_alone(office: Office) -> None:
    sales, support = agent(office, "Sales"), agent(office, "Support")
    store(office, "refuse", asker=str(sales.pk))

    refused = office.draft_change(at_work(office, sales))

    assert refused["status"] == "refused"
    assert "asked for by the agent Sales is refused" in refused["why"]
    assert office.draft_change(at_work(office, support))["status"] == "queued"
    assert office.draft_change(jobtitle="CFO")["status"] == "queued"


def test_a_rule_on_one_key_holds_after_the_key_was_rotated(office: Office) -> None:
    text, other = key_of(office.alice), key_of(office.alice)
    family = str(by_key(text).client.family)  # type: ignore[union-attr]
    store(office, "refuse", asker=family)
    row = ApiKey.objects.get(pk=family)

    rotated = api_keys.rotate(admin(office), str(row.pk))

    for key in (text, rotated):
        answer = office.draft_change(by_key(key))
        assert (answer["status"], "the key Sync" in answer["why"]) == ("refused", True)
    assert office.draft_change(by_key(other))["status"] == "executed"


def test_a_rule_on_one_connection_leaves_the_same_app_of_others_alone(office: Office) -> None:
    mine = Client(name="Claude", host="claude.ai", connection_id="conn_mine")
    policy = [rule("refuse", asker="conn_mine")]
    trial = factories.app(office.rex, client=mine)
    add_unchecked(office, *policy)

    assert office.draft_change(trial)["status"] == "refused"
    assert office.draft_change(factories.app(office.mia))["status"] == "queued"


def add_unchecked(office: Office, *rules: Any) -> None:
    """Rules on what was there when they were made."""
    PolicyVersion.objects.create(
        workspace=office.place,
        number=1,
        rules=[one.model_dump(mode="json") for one in rules],
        mode="",
        what="made",
        changed_by_name="Alice",
        at=clock.now(),
        cap_messages=3,
        cap_days=7,
    )


def test_an_edit_of_an_agents_draft_meets_the_rule_on_the_agent(office: Office) -> None:
    sales = agent(office, "Sales")
    action_id = office.draft_mail(at_work(office, sales))["action_id"]
    store(office, "queue", asker=str(sales.pk), four_eyes=True)

    params = Action.objects.get(pk=action_id).params | {"body": "Better"}
    decide(office.reviewer, "edit", action_id, params=params)

    with pytest.raises(Forbidden, match="four eyes"):
        approve(office.reviewer, action_id)


def test_a_rule_names_only_what_is_here(office: Office) -> None:
    elsewhere = Office.at(factories.workspace("Elsewhere"), ana=office.ana, mailer=office.mailer)
    foreign = agent(elsewhere, "Theirs")

    for asker in (str(foreign.pk), "ag_nobody", "Sales"):
        with pytest.raises(ValidationFailed) as refusal:
            store(office, "refuse", asker=asker)
        assert refusal.value.field == "asker"
    assert versions.current(str(office.place.pk)).version == 0


def test_a_rule_on_what_is_gone_says_so_and_can_still_be_changed(office: Office) -> None:
    sales = agent(office, "Sales")
    kept = rule("refuse", asker=str(sales.pk))
    add(office, kept)
    Agent.objects.update(enabled=False, deleted_at=clock.now())

    (row,) = page.rule_rows(office.reviewer)
    changing.change_rule(admin(office), 1, kept.model_copy(update={"recipient": Recipient.NEW}))

    assert row.sentence == "Anything asked for by something that is no longer here is refused."
    assert versions.current(str(office.place.pk)).version == 2


def test_the_tester_tries_one_agent(office: Office) -> None:
    sales, support = agent(office, "Sales"), agent(office, "Support")
    store(office, "refuse", asker=str(sales.pk))

    rulings = [
        page.tried(office.reviewer, Trial("update_contact", "app", asker=str(one.pk)))
        for one in (sales, support)
    ]

    assert [one.ruling for one in rulings] == ["refuse", "queue"]


def test_the_page_offers_them_by_name_and_keeps_the_choice(office: Office, client: Browser) -> None:
    sales = agent(office, "Sales")
    key_of(office.alice)
    client.force_login(office.alice.user)
    page = client.get(f"{PAGE}add/").content.decode()
    given = {"ruling": "refuse", "asker": str(sales.pk), "version": "0"}

    answer = client.post(f"{PAGE}add/", given, follow=True)

    assert "The agent Sales" in page
    assert "The key Sync" in page
    assert "Anything asked for by the agent Sales is refused." in answer.content.decode()
