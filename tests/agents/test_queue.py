"""The queue and the ledger, filtered by one agent's proposals."""

from approvals.models import Action
from core.actor import Actor
from tests.agents.shop import Shop, ask


def listed(actor: Actor, agent_id: str) -> list[str]:
    answer = ask(actor, "approvals.action.list", agent_id=agent_id)
    return [row["action_id"] for row in answer["actions"]]


def reviewed(actor: Actor, agent_id: str) -> list[str]:
    groups = ask(actor, "approvals.action.review", agent_id=agent_id)["groups"]
    return [card["action_id"] for group in groups for card in group["cards"]]


def test_an_agents_own_proposals_are_found(shop: Shop) -> None:
    shop.visitor("ana")
    one, other = shop.agent(), shop.agent(name="Second")
    shop.run(one)
    first = str(Action.objects.get().pk)
    shop.visitor("ben")
    shop.run(other)
    second = str(Action.objects.exclude(pk=first).get().pk)

    for find in (listed, reviewed):
        assert find(shop.viewer, one) == [first]
        assert find(shop.viewer, other) == [second]


def test_a_foreign_agent_proposed_nothing_here(shop: Shop) -> None:
    shop.visitor("ana")
    agent_id = shop.agent()
    shop.run(agent_id)
    gil = shop.admin_elsewhere()

    for find in (listed, reviewed):
        assert find(shop.viewer, agent_id)
        assert find(gil, agent_id) == []
        assert find(shop.viewer, "ag_x") == []
