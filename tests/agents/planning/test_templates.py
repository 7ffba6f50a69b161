"""Every template has editable texts, a filter that parses and rules for when not to propose."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cronsim import CronSim
from hypothesis import given
from hypothesis import strategies as st

from agents.planning.catalog import TEMPLATES
from agents.planning.facts import Activity, Facts, Firm, OpenAction, PastDecision, Person, Sender
from agents.planning.plan import Case, Plan, Template
from approvals.registry import TYPES
from core.ids import new_id_at
from core.schemas import validated
from crm.filters.parsing import parse
from crm.schemas.contacts import UpdateContact
from crm.schemas.tasks import DraftTask, UpdateLifecycleStage
from identities.providers.email.schemas import EmailMessage
from identities.providers.linkedin.schemas import LinkedinConnection
from tests.agents.people import NOW, SENDER, event, form, gathered, past_email, view

every = pytest.mark.parametrize("template", TEMPLATES.values(), ids=list(TEMPLATES))
OUTBOUND = {"email_message", "linkedin_connection", "linkedin_message"}
SCHEMAS: dict[str, Any] = {
    "email_message": EmailMessage,
    "linkedin_connection": LinkedinConnection,
    "create_task": DraftTask,
    "update_contact": UpdateContact,
    "update_lifecycle_stage": UpdateLifecycleStage,
}


def planned(template: Template, facts: Facts, *capabilities: str) -> Plan:
    may = frozenset(capabilities or template.capabilities)
    return template.rules(Case(facts, may, NOW))


def test_there_are_the_five_templates() -> None:
    assert list(TEMPLATES) == [
        "cold_outreach",
        "pricing_visitor_followup",
        "trial_rescue",
        "meeting_prep",
        "data_hygiene",
    ]


@every
def test_a_template_is_ready_to_use(template: Template) -> None:
    parse(dict(template.filter))
    next(CronSim(template.schedule, datetime(2026, 1, 1, tzinfo=UTC)))
    assert set(template.capabilities) <= set(TYPES)
    assert template.playbook.startswith(f"# {template.title}\n")
    assert 10 < len(template.description) <= 100
    assert all(len(line) <= 100 for line in template.playbook.splitlines())


# Histories for which each template would propose something if nothing prevented it.
ASKED = gathered([form("demo_request", 1), view("/pricing", 1), view("/security", 2)])
QUIET = gathered([event("trial_started", 12), event("invite_sent", 10), view("/pricing", 9)])
LOUD = {"contact": {"firstname": "ANA", "lifecyclestage": "lead"}}
RIPE = {
    "cold_outreach": ASKED,
    "pricing_visitor_followup": ASKED,
    "trial_rescue": QUIET,
    "meeting_prep": ASKED,
    "data_hygiene": gathered([form("demo_request", 1)], **LOUD),
}
WRITING = ("cold_outreach", "pricing_visitor_followup", "trial_rescue")
writing = pytest.mark.parametrize("slug", WRITING)


@pytest.mark.parametrize("slug", list(TEMPLATES))
def test_a_ripe_case_gets_a_proposal_that_rests_on_evidence(slug: str) -> None:
    plan = planned(TEMPLATES[slug], RIPE[slug])

    assert plan.intents
    for intent in plan.intents:
        assert set(intent.evidence) <= RIPE[slug].evidence_ids
        assert intent.evidence
        assert intent.reasoning


@pytest.mark.parametrize(
    "changes",
    [
        {"suppressed": True},
        {"contact": {"email_consent": False}},
        {"contact": {"lifecyclestage": "customer"}},
        {"contact": {"lifecyclestage": "evangelist"}},
        {"replied_at": NOW - timedelta(days=200)},
        {"messages": (past_email("in", 90),)},
        {"messages": (past_email("out", 3),)},
        {"open_actions": (OpenAction("act_1", "email_message", "pending_approval", NOW, True),)},
        {"past_decisions": (PastDecision("act_1", "email_message", "rejected", "not_wanted", "",
                                         NOW - timedelta(days=300)),)},
        {"past_decisions": (PastDecision("act_1", "email_message", "rejected", "wrong_tone", "",
                                         NOW - timedelta(days=3)),)},
        {"more": event("email_unsubscribe", 20)},
        {"more": event("email_reply", 20)},
        {"more": event("email_bounce", 20)},
    ],
)  # fmt: skip
@writing
def test_whoever_should_be_left_in_peace_is(slug: str, changes: dict[str, Any]) -> None:
    changes = dict(changes)
    facts = RIPE[slug]
    more = changes.pop("more", None)
    facts = replace(facts, contact=replace(facts.contact, **changes.pop("contact", {})))
    facts = replace(facts, **changes, events=(*facts.events, *([more] if more else [])))

    plan = planned(TEMPLATES[slug], facts)

    assert plan.intents == ()
    assert plan.summary.endswith(".")


@writing
def test_an_agent_writes_only_what_it_may(slug: str) -> None:
    assert planned(TEMPLATES[slug], RIPE[slug], "create_note").intents == ()
    no_sender = replace(RIPE[slug], sender=None)
    assert not [i for i in planned(TEMPLATES[slug], no_sender).intents if i.action_type in OUTBOUND]


def test_old_visits_to_prices_are_left_alone() -> None:
    template = TEMPLATES["pricing_visitor_followup"]

    assert planned(template, gathered([view("/pricing", 40)])).intents == ()
    assert planned(template, gathered([view("/blog/pricing-strategies", 1)])).intents == ()
    assert planned(template, gathered([view("/en/pricing/", 1)])).intents


def test_a_contact_without_a_mailbox_to_write_from_is_invited_on_linkedin() -> None:
    sender = replace(SENDER, channels=("linkedin",))

    (intent,) = planned(TEMPLATES["cold_outreach"], replace(ASKED, sender=sender)).intents

    assert intent.action_type == "linkedin_connection"
    assert len(intent.params["message"]) <= 300


def test_a_busy_or_new_trial_is_not_rescued() -> None:
    rescue = TEMPLATES["trial_rescue"]

    assert planned(rescue, gathered([event("trial_started", 2)])).intents == ()
    busy = gathered([event("trial_started", 12), event("invite_sent", 1)])
    assert planned(rescue, busy).intents == ()
    assert planned(rescue, gathered([event("trial_started", 45)])).intents == ()


def test_the_step_of_a_rescue_is_the_next_one() -> None:
    rescue = TEMPLATES["trial_rescue"]
    begun = gathered([event("trial_started", 12)])
    used = gathered([event("trial_started", 12), event("job_created", 9)])

    bodies = {planned(rescue, facts).intents[0].params["body"] for facts in (begun, used, QUIET)}

    assert len(bodies) == 3


def test_a_quiet_trial_is_a_task_where_the_agent_may_not_write() -> None:
    (intent,) = planned(TEMPLATES["trial_rescue"], QUIET, "create_task").intents

    assert intent.action_type == "create_task"
    assert "no activity for 9 days" in intent.params["details"]


def test_a_meeting_is_prepared_once_and_for_customers_too() -> None:
    prepare = TEMPLATES["meeting_prep"]
    facts = gathered(
        [view("/security", 3), view("/pricing", 30)],
        upcoming_meeting_at=NOW + timedelta(days=1),
        contact={"lifecyclestage": "customer"},
        time_zone="Europe/Berlin",
    )

    (intent,) = planned(prepare, facts).intents
    content = intent.params["content"]
    assert content.startswith("## Meeting on Thursday 26 November, 10:00\n")
    assert "prices (1, last on 26 October 2026)" in content
    assert "security and data protection" in content
    waiting = OpenAction("act_1", "create_note", "pending_approval", NOW, False)
    assert planned(prepare, replace(facts, open_actions=(waiting,))).intents == ()


def test_only_what_is_plainly_wrong_is_tidied() -> None:
    tidy = TEMPLATES["data_hygiene"]
    loud = gathered([view("/", 1)], contact={"firstname": "ANA ", "lastname": "van der Meer"})
    (intent,) = planned(tidy, loud).intents

    assert intent.params["properties"] == {
        "firstname": "Ana",
        "country": "France",
        "industry": "Elevators",
    }
    full = {"country": "France", "industry": "Elevators", "firstname": "Ana", "lastname": "Ng"}
    assert planned(tidy, gathered([view("/", 1)], contact=full)).intents == ()


def test_a_stage_is_raised_once_and_not_again_after_a_no() -> None:
    tidy = TEMPLATES["data_hygiene"]
    full = {"country": "France", "industry": "Elevators"}
    facts = gathered([form("demo_request", 1)], contact=full)
    no = PastDecision("act_1", "update_lifecycle_stage", "rejected", "other", "", NOW)

    assert planned(tidy, facts).intents[0].params["stage"] == "mql"
    assert planned(tidy, replace(facts, past_decisions=(no,))).intents == ()


MOMENTS = st.floats(0, 80, allow_nan=False)
NAMES = st.text(max_size=80)
EVENTS = st.builds(
    lambda name, path, ago, number, form_id, title: Activity(
        new_id_at("evt", NOW - timedelta(days=ago), number),
        name,
        NOW - timedelta(days=ago),
        path=path,
        title=title,
        data={"form_id": form_id},
    ),
    st.sampled_from(["page_view", "form_submit", "trial_started", "invite_sent", "email_open"]),
    st.sampled_from(["/pricing", "/security", "/docs/api/jobs", "/", ""]) | st.text(max_size=30),
    MOMENTS,
    st.integers(0, 2**70),
    st.sampled_from(["demo_request", "contact", "ebook", ""]) | st.text(max_size=20),
    st.just("SECRET TITLE"),
)
FACTS = st.builds(
    lambda first, last, job, stage, firm, staff, events, zone: Facts(
        Person("ct_1", first, last, jobtitle=job, lifecyclestage=stage),
        Firm("co_1", firm, employee_count=staff),
        tuple(events),
        sender=Sender("Ada Berg", "id_1", ("email", "linkedin")),
        time_zone=zone,
    ),
    NAMES,
    NAMES,
    st.sampled_from(["IT Manager", "Leiter Service", "CFO", ""]) | NAMES,
    st.sampled_from(["", "lead", "mql", "sql", "opportunity", "subscriber"]),
    NAMES,
    st.none() | st.integers(0, 100_000),
    st.lists(EVENTS, max_size=8),
    st.sampled_from(["UTC", "Asia/Kolkata", "America/Los_Angeles"]),
)


@given(facts=FACTS, slug=st.sampled_from(list(TEMPLATES)))
def test_whatever_the_facts_a_plan_is_the_same_each_time_and_its_drafts_hold(
    facts: Facts, slug: str
) -> None:
    plan = planned(TEMPLATES[slug], facts)

    assert plan == planned(TEMPLATES[slug], replace(facts, events=facts.events[::-1]))
    assert plan.summary
    assert len({intent.kind for intent in plan.intents}) == len(plan.intents)
    for intent in plan.intents:
        assert set(intent.evidence) <= facts.evidence_ids
        assert intent.evidence
        assert intent.action_type in TEMPLATES[slug].capabilities
        if intent.action_type in SCHEMAS:
            validated(SCHEMAS[intent.action_type], dict(intent.params))


@given(facts=FACTS, slug=st.sampled_from(WRITING))
def test_an_email_holds_no_external_text_but_two_names(facts: Facts, slug: str) -> None:
    for intent in planned(TEMPLATES[slug], facts).intents:
        text = f"{intent.params.get('subject', '')} {intent.params.get('body', '')}"
        greeting = text.split("Hello")[1].split(",")[0].strip()
        assert greeting in {"", " ".join(facts.contact.firstname.split())}
        rest = text.replace(greeting, "") if greeting else text
        assert "SECRET TITLE" not in rest
        assert not {"@", "<", ">", "[", "*", "_", "\u202e"} & set(text)
        assert "visit" not in rest
        assert "saw" not in rest
