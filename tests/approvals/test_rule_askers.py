"""Rules for one agent, key or connected app, and the name they show."""

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
from tests.approvals.conftest import Team, approve, decide
from tests.approvals.test_rules import PAGE, add, admin, rule

pytestmark = pytest.mark.django_db


def agent(team: Team, name: str) -> Agent:
    moment = clock.now()
    facts = {"slots_from": moment, "created_at": moment, "updated_at": moment}
    return Agent.objects.create(
        workspace=team.place, owner=team.alice.user, name=name, enabled=True, **facts
    )


def at_work(team: Team, row: Agent) -> Actor:
    worker = replace(factories.person(team.alice), kind=ActorKind.AGENT, name=row.name)
    return replace(worker, agent_id=str(row.pk))


def by_key(text: str) -> Actor:
    caller = api_keys.identify(text)
    assert caller is not None
    return caller.actor


def store(team: Team, text: str, **facts: Any) -> None:
    add(team, rule(text, **facts))


def test_a_rule_on_one_agent_leaves_the_others_alone(team: Team) -> None:
    sales, support = agent(team, "Sales"), agent(team, "Support")
    store(team, "refuse", asker=str(sales.pk))

    refused = team.draft_change(at_work(team, sales))

    assert refused["status"] == "refused"
    assert "requested by the agent Sales is refused" in refused["why"]
    assert team.draft_change(at_work(team, support))["status"] == "queued"
    assert team.draft_change(jobtitle="CFO")["status"] == "queued"


def test_a_rule_on_one_key_holds_after_the_key_was_rotated(team: Team) -> None:
    text, other = key_of(team.alice), key_of(team.alice)
    family = str(by_key(text).client.family)  # type: ignore[union-attr]
    store(team, "refuse", asker=family)
    row = ApiKey.objects.get(pk=family)

    rotated = api_keys.rotate(admin(team), str(row.pk))

    for key in (text, rotated):
        answer = team.draft_change(by_key(key))
        assert (answer["status"], "the key Sync" in answer["why"]) == ("refused", True)
    assert team.draft_change(by_key(other))["status"] == "executed"


def test_a_rule_on_one_connection_leaves_the_same_app_of_others_alone(team: Team) -> None:
    mine = Client(name="Claude", host="claude.ai", connection_id="conn_mine")
    policy = [rule("refuse", asker="conn_mine")]
    trial = factories.app(team.rex, client=mine)
    add_unchecked(team, *policy)

    assert team.draft_change(trial)["status"] == "refused"
    assert team.draft_change(factories.app(team.mia))["status"] == "queued"


def add_unchecked(team: Team, *rules: Any) -> None:
    """Rules on what was there when they were made."""
    PolicyVersion.objects.create(
        workspace=team.place,
        number=1,
        rules=[one.model_dump(mode="json") for one in rules],
        mode="",
        what="made",
        changed_by_name="Alice",
        at=clock.now(),
        cap_messages=3,
        cap_days=7,
    )


def test_an_edit_of_an_agents_draft_meets_the_rule_on_the_agent(team: Team) -> None:
    sales = agent(team, "Sales")
    action_id = team.draft_mail(at_work(team, sales))["action_id"]
    store(team, "queue", asker=str(sales.pk), four_eyes=True)

    params = Action.objects.get(pk=action_id).params | {"body": "Better"}
    decide(team.reviewer, "edit", action_id, params=params)

    with pytest.raises(Forbidden, match="second approver"):
        approve(team.reviewer, action_id)


def test_a_rule_names_only_what_is_here(team: Team) -> None:
    elsewhere = Team.at(factories.workspace("Elsewhere"), ana=team.ana, mailer=team.mailer)
    foreign = agent(elsewhere, "Theirs")

    for asker in (str(foreign.pk), "ag_nobody", "Sales"):
        with pytest.raises(ValidationFailed) as refusal:
            store(team, "refuse", asker=asker)
        assert refusal.value.field == "asker"
    assert versions.current(str(team.place.pk)).version == 0


def test_a_rule_on_what_is_gone_says_so_and_can_still_be_changed(team: Team) -> None:
    sales = agent(team, "Sales")
    kept = rule("refuse", asker=str(sales.pk))
    add(team, kept)
    Agent.objects.update(enabled=False, deleted_at=clock.now())

    (row,) = page.rule_rows(team.reviewer)
    changing.change_rule(admin(team), 1, kept.model_copy(update={"recipient": Recipient.NEW}))

    assert row.sentence == "Anything requested by something deleted is refused."
    assert versions.current(str(team.place.pk)).version == 2


def test_the_tester_tries_one_agent(team: Team) -> None:
    sales, support = agent(team, "Sales"), agent(team, "Support")
    store(team, "refuse", asker=str(sales.pk))

    rulings = [
        page.try_policy(team.reviewer, Trial("update_contact", "app", asker=str(one.pk)))
        for one in (sales, support)
    ]

    assert [one.ruling for one in rulings] == ["refuse", "queue"]


def test_the_page_offers_them_by_name_and_keeps_the_choice(team: Team, client: Browser) -> None:
    sales = agent(team, "Sales")
    key_of(team.alice)
    client.force_login(team.alice.user)
    page = client.get(f"{PAGE}add/").content.decode()
    given = {"ruling": "refuse", "asker": str(sales.pk), "version": "0"}

    answer = client.post(f"{PAGE}add/", given, follow=True)

    assert "The agent Sales" in page
    assert "The key Sync" in page
    assert "Anything requested by the agent Sales is refused." in answer.content.decode()
