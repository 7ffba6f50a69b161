"""The built-in planner over a crowd (tests-6): the right people, evidence, bodies that differ."""

from dataclasses import replace

from agents.planning.catalog import TEMPLATES
from agents.planning.facts import Facts
from agents.planning.history import pricing_visits
from agents.providers import prompt
from agents.providers.base import Brief, Decision, Intent, Settings, Usage
from agents.providers.builtin import Builtin
from agents.providers.proposals import intents_of
from fakes.scripted_model import Asked, say
from tests.agents.people import NOW, crowd
from tests.agents.providers.conftest import ENOUGH, ReadTools

SLUG = "pricing_visitor_followup"


def decided(facts: Facts, template: str | None = SLUG) -> Decision:
    return Builtin().decide(brief(facts, template), ReadTools())


def brief(facts: Facts, template: str | None) -> Brief:
    chosen, settings = TEMPLATES[SLUG], Settings("builtin", "")
    return Brief(chosen.playbook, facts, chosen.capabilities, template, settings, ENOUGH, NOW)


def masked(facts: Facts, text: str) -> str:
    names = [facts.contact.firstname, facts.company.name if facts.company else ""]
    for name in filter(None, names):
        text = text.replace(name, "…")
    return text


def test_two_hundred_contacts_get_what_they_should() -> None:
    people = crowd(200)
    drafts = [(facts, decided(facts)) for facts in people]
    written = [(facts, decision) for facts, decision in drafts if decision.intents]

    assert 0 < len(written) <= 100
    for facts, decision in written:
        assert pricing_visits(facts), "without a visit to prices there is no draft"
        (intent,) = decision.intents
        assert set(intent.evidence) <= facts.evidence_ids
        assert set(intent.evidence) & {visit.id for visit in pricing_visits(facts)}
    bodies = {masked(facts, decision.intents[0].params["body"]) for facts, decision in written}
    assert len(bodies) >= 10
    assert {decision.usage for _, decision in drafts} == {Usage()}


def test_the_scripted_model_does_as_well_with_the_same_people() -> None:
    people = crowd(200)
    written = [(facts, intents) for facts in people if (intents := modelled(facts))]

    assert 0 < len(written) <= 100
    assert all(pricing_visits(facts) for facts, _ in written)
    assert len({masked(facts, intents[0].params["body"]) for facts, intents in written}) >= 10
    left = [replace(facts, replied_at=NOW) for facts, _ in written]
    assert not any(map(modelled, left))


def modelled(facts: Facts) -> tuple[Intent, ...]:
    told = brief(facts, SLUG)
    fence = prompt.fence_for(facts)
    asked = Asked(
        model="claude-haiku-5-5",
        system=prompt.system_text(told, fence),
        user=[prompt.first_message(told, fence)],
        outside=[],
        said=0,
        tools=[],
        may_call=True,
    )
    return intents_of(say(asked).text, facts, told.capabilities, set())[0]


def test_those_who_replied_left_or_bought_get_none() -> None:
    visitors = [facts for facts in crowd(60) if pricing_visits(facts)]
    planted = [
        *(replace(facts, replied_at=NOW) for facts in visitors),
        *(replace(facts, suppressed=True) for facts in visitors),
        *(replace(f, contact=replace(f.contact, lifecyclestage="customer")) for f in visitors),
    ]

    assert planted
    assert all(decided(facts).intents == () for facts in planted)


def test_emails_differ_by_facts_not_by_chance() -> None:
    assert [decided(facts) for facts in crowd(40)] == [decided(facts) for facts in crowd(40)]


def test_without_a_template_the_planner_proposes_nothing_and_says_so() -> None:
    for template in (None, "no_such_template"):
        decision = decided(crowd(1)[0], template)
        assert decision.intents == ()
        assert "follows a template" in decision.summary
