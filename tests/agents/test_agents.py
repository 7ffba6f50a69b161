"""Creating and changing agents: valid combinations, required roles, and undo."""

from typing import Any

import pytest

from agents.models import Agent
from agents.planning.catalog import TEMPLATES
from approvals.models import Action
from core.errors import Conflict, Forbidden, NotFound, ValidationFailed
from core.operations import Request
from tests import factories
from tests.agents.shop import Shop, ask
from tests.team import approve, decide


def made(shop: Shop, **facts: Any) -> dict[str, Any]:
    answer = ask(shop.admin, "agents.agent.create", **{"name": "Pricing", **facts})
    agent: dict[str, Any] = answer["result"]["agent"]
    return agent


@pytest.mark.parametrize("slug", TEMPLATES)
def test_every_template_makes_an_agent_that_is_off(shop: Shop, slug: str) -> None:
    agent = made(shop, playbook_template=slug)

    assert agent["enabled"] is False
    assert agent["playbook"]["playbook_md"] == TEMPLATES[slug].playbook
    assert agent["capabilities"]
    assert agent["monitoring"]["schedule_cron"] == TEMPLATES[slug].schedule


def test_what_is_given_wins_over_the_template(shop: Shop) -> None:
    agent = made(
        shop,
        playbook_template="cold_outreach",
        playbook={"playbook_md": "Only architects."},
        capabilities=["tasks"],
        monitoring={"max_contacts_per_run": 5},
    )

    assert agent["playbook"]["playbook_md"] == "Only architects."
    assert agent["capabilities"] == ["tasks"]
    assert agent["monitoring"]["max_contacts_per_run"] == 5
    assert agent["monitoring"]["schedule_cron"]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"playbook_template": "cold_outreech"}, "playbook_template"),
        ({"monitoring": {"filter": {"field": "nope", "op": "eq", "value": 1}}}, "monitoring"),
        ({"monitoring": {"schedule_cron": "every day"}}, "monitoring.schedule_cron"),
        ({"monitoring": {"schedule_cron": "* * * * *"}}, "monitoring.schedule_cron"),
        ({"monitoring": {"schedule_cron": "0 0 30 2 *"}}, "monitoring.schedule_cron"),
        ({"monitoring": {"max_contacts_per_run": 0}}, "monitoring"),
        ({"monitoring": {"cool": 1}}, "monitoring"),
        ({"llm_config": {"provider": "anthropic", "model": "m"}}, "llm_config.provider"),
        ({"llm_config": {"provider": "openai"}}, "llm_config.model"),
        ({"llm_config": {"temperature": 3}}, "llm_config"),
        ({"capabilities": ["everything"]}, "capabilities"),
        ({"name": " "}, "name"),
        ({"name": "a\u202eb"}, "name"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_made(
    shop: Shop, facts: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        made(shop, **facts)

    assert str(refused.value.field).startswith(field)
    assert not Agent.objects.exists()


def test_a_sender_of_elsewhere_is_not_found(shop: Shop) -> None:
    theirs = factories.sender(factories.workspace("Globex"))

    with pytest.raises(NotFound):
        made(shop, identity_id=str(theirs.pk))


def test_two_agents_do_not_share_a_name(shop: Shop) -> None:
    made(shop)

    with pytest.raises(Conflict):
        made(shop)


def test_only_an_admin_makes_one(shop: Shop) -> None:
    for actor in (shop.reviewer, shop.member, shop.viewer):
        with pytest.raises(Forbidden):
            ask(actor, "agents.agent.create", name="Mine")


def change(shop: Shop, agent_id: str, actor: Any = None, **facts: Any) -> dict[str, Any]:
    return ask(actor or shop.admin, "agents.agent.update", agent_id=agent_id, **facts)


def test_an_admins_change_runs_and_can_be_taken_back(shop: Shop) -> None:
    agent_id = shop.agent(enabled=False)

    answer = change(shop, agent_id, name="Prices", monitoring={"cooldown": 24})

    assert answer["status"] == "executed"
    row = Agent.objects.get(pk=agent_id)
    assert (row.name, row.cooldown_hours, row.version) == ("Prices", 24, 2)
    decide(shop.admin, "undo", answer["action_id"])
    row.refresh_from_db()
    assert (row.name, row.cooldown_hours) == ("Pricing", 72)


def test_a_template_is_taken_away_by_null_and_by_undo(shop: Shop) -> None:
    own = {"playbook": {"playbook_md": "Look."}, "playbook_template": None}
    agent_id = shop.agent(enabled=False, **own)
    row = Agent.objects.get(pk=agent_id)
    assert row.playbook_template == ""

    answer = change(shop, agent_id, playbook_template="pricing_visitor_followup")
    row.refresh_from_db()
    assert row.playbook_template == "pricing_visitor_followup"
    decide(shop.admin, "undo", answer["action_id"])
    row.refresh_from_db()
    assert (row.playbook_template, row.playbook) == ("", "Look.")

    change(shop, agent_id, playbook_template="pricing_visitor_followup")
    change(shop, agent_id, description="Left out stays.")
    row.refresh_from_db()
    assert row.playbook_template == "pricing_visitor_followup"
    change(shop, agent_id, playbook_template=None)
    row.refresh_from_db()
    assert row.playbook_template == ""
    assert change(shop, agent_id, playbook_template=None)["status"] == "noop"


def test_what_an_app_asks_for_waits_red_for_an_admin(shop: Shop) -> None:
    agent_id = shop.agent(enabled=False)
    app = factories.app(shop.alice, factories.ALL_SCOPES)

    answer = change(shop, agent_id, app, enabled=True, request=Request(require_approval=False))

    assert answer["status"] == "queued"
    card = Action.objects.get()
    assert (card.type, card.red_reasons) == ("update_agent", ["changes an agent"])
    assert not Agent.objects.get(pk=agent_id).enabled
    with pytest.raises(Forbidden):
        approve(shop.reviewer, str(card.pk))
    approve(shop.admin, str(card.pk))
    assert Agent.objects.get(pk=agent_id).enabled


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"capabilities": []}, "capabilities"),
        ({"identity_id": None}, "identity_id"),
        ({"playbook": {"playbook_md": " "}}, "playbook"),
        (
            {
                "playbook_template": None,
                "capabilities": ["email"],
                "playbook": {"playbook_md": "Write."},
            },
            "playbook_template",
        ),
    ],
)
def test_what_is_not_ready_is_not_switched_on(
    shop: Shop, facts: dict[str, Any], field: str
) -> None:
    agent_id = shop.agent(enabled=False, **facts)

    with pytest.raises(ValidationFailed) as refused:
        change(shop, agent_id, enabled=True)

    assert refused.value.field == field
    assert not Agent.objects.get(pk=agent_id).enabled


def test_the_same_again_is_no_change(shop: Shop) -> None:
    agent_id = shop.agent(enabled=False)

    assert change(shop, agent_id, name="Pricing")["status"] == "noop"


def test_a_copy_is_off_and_has_a_name_of_its_own(shop: Shop) -> None:
    agent_id = shop.agent()

    first, second = (
        ask(shop.admin, "agents.agent.duplicate", agent_id=agent_id)["result"]["agent"]
        for _ in range(2)
    )

    assert (first["name"], second["name"]) == ("Pricing (2)", "Pricing (3)")
    assert not first["enabled"]
    assert first["monitoring"] == second["monitoring"]


def test_a_deleted_one_is_gone_and_what_it_proposed_stays(shop: Shop) -> None:
    shop.visitor()
    agent_id = shop.agent()
    shop.run(agent_id)

    ask(shop.admin, "agents.agent.delete", agent_id=agent_id)

    with pytest.raises(NotFound):
        ask(shop.admin, "agents.agent.get", agent_id=agent_id)
    assert Action.objects.count() == 1


def test_reviewers_words_are_told_to_the_agent(shop: Shop) -> None:
    ana = shop.visitor()
    agent_id = shop.agent(monitoring={"filter": shop.filter, "cooldown": 0})
    shop.run(agent_id)
    card = Action.objects.get()
    decide(
        shop.reviewer, "reject", str(card.pk), reason_code="wrong_tone", reason="Too formal for us."
    )

    from agents import instructions

    agent = Agent.objects.get(pk=agent_id)
    told = instructions.for_contact(shop.admin, agent, agent.playbook, str(ana.pk))
    seen = ask(shop.viewer, "agents.agent.get", agent_id=agent_id)["agent"]["feedback"]
    assert "Too formal for us." in told
    assert (seen["proposed"], seen["rejected"], seen["approved"]) == (1, 1, 0)
    assert seen["latest"][0]["reason_code"] == "wrong_tone"


def test_an_edit_counts_as_edited_and_is_told(shop: Shop) -> None:
    shop.visitor()
    agent_id = shop.agent()
    shop.run(agent_id)
    card = Action.objects.get()
    params = {**card.params, "body": "Shall I send you a quote?"}
    decide(shop.reviewer, "edit", str(card.pk), params=params)
    approve(shop.reviewer, str(card.pk))

    seen = ask(shop.viewer, "agents.agent.get", agent_id=agent_id)["agent"]["feedback"]

    assert (seen["approved"], seen["approved_unedited"], seen["unedited_rate"]) == (1, 0, 0.0)
    assert "Shall I send you a quote?" in seen["latest"][0]["edited"]
