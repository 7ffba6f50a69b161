"""Validation of a model's answer before it becomes intents."""

import json
from dataclasses import replace
from typing import Any

import pytest

from agents.providers.proposals import (
    FIELDS,
    PROPOSABLE,
    InvalidProposal,
    answer_schema,
    ids_in,
    intents_of,
    without_unsupported,
)
from approvals.registry import TYPES
from core.schemas import validated
from fakes.structured import not_strict, unsupported
from identities.providers.email.schemas import EmailMessage
from tests.agents.people import gathered, past_email, view

FACTS = gathered([view("/pricing", 1)], messages=(past_email("out", 20),))
EVIDENCE = [FACTS.events[0].id]
MAIL = {"subject": "Prices", "body": "Hello Ana", "thread_id": None}
# Params of each type, as a model would send them.
GIVEN: dict[str, dict[str, Any]] = {
    "email_message": MAIL,
    "resend_send_email": {"subject": "Prices", "text": "Hello Ana"},
    "linkedin_connection": {"message": "Hello Ana"},
    "linkedin_message": {"message": "Hello Ana"},
    "send_slack_message": {"channel": "C0SALES001", "text": "A new lead"},
    "create_note": {"content": "Compares prices."},
    "create_task": {"title": "Ring Ana", "details": None, "due_at": "2026-11-27T10:00:00Z"},
    "update_contact": {"properties": [{"key": "city", "value": "Lyon"}]},
    "update_company": {"properties": [{"key": "industry", "value": None}]},
    "update_lifecycle_stage": {"stage": "mql", "reason": "Compares prices"},
    "escalate_to_human": {"reason": "Compares prices"},
    "sync_to_crm": {"direction": "push"},
}


def proposed(action_type: str = "email_message", **changes: Any) -> dict[str, Any]:
    return {
        "action_type": action_type,
        "kind": "follow_up",
        "evidence": EVIDENCE,
        "reasoning": "Compares prices.",
        "params": GIVEN[action_type],
    } | changes


def read(*intents: Any, capabilities: tuple[str, ...] = PROPOSABLE, **seen: Any) -> Any:
    text = json.dumps({"summary": "Compares prices.", "intents": list(intents)})
    return intents_of(text, FACTS, capabilities, seen.get("seen", set()))[0]


@pytest.mark.parametrize("action_type", PROPOSABLE)
def test_every_type_a_model_may_propose_gives_params_that_its_operation_takes(
    action_type: str,
) -> None:
    (intent,) = read(proposed(action_type))

    params = validated(TYPES[action_type].declared.schema, dict(intent.params))
    about = {"contact_id", "entity_id", "company_id"} & set(params.model_fields_set)
    assert action_type == "send_slack_message" or about
    assert {getattr(params, name) for name in about} <= {"ct_ana", "co_1"}


def test_the_schema_is_one_both_apis_take() -> None:
    schema = without_unsupported(answer_schema(PROPOSABLE))

    assert unsupported(schema) == ""
    assert not_strict(schema) == ""


def test_no_field_says_whom_it_goes_to() -> None:
    named = {name for fields in FIELDS.values() for name in fields}

    assert not {"to", "cc", "bcc", "contact_id", "email", "profile_url"} & named


@pytest.mark.parametrize(
    ("intent", "says"),
    [
        (proposed(params={**MAIL, "to": ["x@y.example"]}), "'to' was unexpected"),
        (proposed(params={"subject": "Prices"}), "'body' is a required property"),
        (proposed(params={**MAIL, "subject": "x" * 201}), "intents.0.params.subject"),
        (proposed(params={**MAIL, "subject": "Prices\nBcc: x"}), "subject must be one line"),
        (
            proposed(params={**MAIL, "thread_id": "thr_other"}),
            "is not a conversation of this contact",
        ),
        (proposed(evidence=[]), "intents.0.evidence"),
        pytest.param(
            proposed(evidence=["evt_00000000000000000000000000"]),
            "is not the id of a given event",
            id="foreign-evidence",
        ),
        (proposed(kind="Follow up!"), "intents.0.kind"),
        (proposed() | {"action_type": "delete_contact"}, "action_type must be one of"),
        ({"action_type": ["email_message"]}, "action_type must be one of"),
        ("email", "action_type must be one of"),
    ],
)
def test_a_proposal_that_does_not_hold_up_is_refused_with_the_reason(
    intent: Any, says: str
) -> None:
    with pytest.raises(InvalidProposal) as caught:
        read(intent)

    assert says in str(caught.value)


def test_a_type_the_agent_may_not_propose_is_refused() -> None:
    with pytest.raises(InvalidProposal, match="must be one of: create_note"):
        read(proposed(), capabilities=("create_note",))


def test_no_company_is_changed_where_none_is_known() -> None:
    text = json.dumps({"summary": "Sorted.", "intents": [proposed("update_company")]})

    with pytest.raises(InvalidProposal, match="no company to change"):
        intents_of(text, replace(FACTS, company=None), PROPOSABLE, set())


def test_a_null_clears_a_property() -> None:
    (intent,) = read(proposed("update_company"))

    assert intent.params == {"company_id": "co_1", "properties": {"industry": None}}


def test_two_proposals_of_one_kind_are_one_too_many() -> None:
    with pytest.raises(InvalidProposal, match="a different kind"):
        read(proposed(), proposed("create_note"))
    assert len(read(proposed(), proposed("create_note", kind="note_it"))) == 2


@pytest.mark.parametrize("text", ["", "no", "[]", "{", '{"intents": []}', '{"summary": 1}'])
def test_an_answer_that_is_no_decision_is_refused(text: str) -> None:
    with pytest.raises(InvalidProposal):
        intents_of(text, FACTS, PROPOSABLE, set())


def test_evidence_may_come_from_a_read_tool() -> None:
    found = "note_00000000000000000000000000"
    seen = ids_in({"notes": [{"note_id": found, "text": "see evt_1"}]})

    assert seen == {found}
    assert read(proposed(evidence=[found]), seen=seen)[0].evidence == (found,)


def test_an_answer_goes_into_a_conversation_of_the_contact() -> None:
    (intent,) = read(proposed(params={**MAIL, "thread_id": "thr_1"}))

    assert validated(EmailMessage, dict(intent.params)).thread_id == "thr_1"
