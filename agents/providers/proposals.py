"""The proposals a model may make, and parsing its answer into intents.

One closed JSON Schema has the fields of each action type that a model fills in. The recipient is
not one of them: it is the contact of the brief, so text that a model reads cannot redirect a
message. The same schema, without limits the APIs don't support, constrains the model's answer.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator

from agents.planning.facts import Facts
from agents.providers.base import Intent
from core.schemas import clean_line, clean_text
from crm.properties import LIFECYCLE_STAGES

MAX_INTENTS = 5
MAX_EVIDENCE = 20
Schema = dict[str, Any]
_NOTHING: Schema = {"type": "null"}


def _line(limit: int, description: str) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": limit, "description": description}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, _NOTHING]}


_CHANGE: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["key", "value"],
    "properties": {
        "key": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,63}$"},
        "value": {
            "anyOf": [
                {"type": "string", "maxLength": 500},
                {"type": "number"},
                {"type": "boolean"},
                _NOTHING,
            ]
        },
    },
}
_CHANGES: Schema = {"type": "array", "minItems": 1, "maxItems": 20, "items": _CHANGE}
# By action type: the fields, named as in its params.
FIELDS: dict[str, dict[str, Schema]] = {
    "email_message": {
        "subject": _line(200, "Subject line"),
        "body": _line(5000, "Plain text, without the signature, which is added"),
        "thread_id": _or_null(_line(64, "thr_... to answer in; null for a new message")),
    },
    "resend_send_email": {
        "subject": _line(200, "Subject line"),
        "text": _line(5000, "Plain text, without the signature, which is added"),
    },
    "linkedin_connection": {"message": _line(300, "The note of the invitation")},
    "linkedin_message": {"message": _line(4000, "Plain text")},
    "send_slack_message": {
        "channel": _line(32, "Id of an allowed channel, C..."),
        "text": _line(4000, "Plain text"),
    },
    "create_note": {"content": _line(20_000, "Markdown")},
    "create_task": {
        "title": _line(300, "What to do"),
        "details": _or_null(_line(5000, "Details")),
        "due_at": _or_null(_line(40, "Until when, ISO 8601 with time zone")),
    },
    "update_contact": {"properties": _CHANGES},
    "update_company": {"properties": _CHANGES},
    "update_lifecycle_stage": {
        "stage": {"type": "string", "enum": list(LIFECYCLE_STAGES)},
        "reason": _line(500, "Why; kept in the history"),
    },
    "escalate_to_human": {"reason": _line(5000, "What a person should decide or do")},
    "sync_to_crm": {"direction": {"type": "string", "enum": ["push", "pull"]}},
}
PROPOSABLE = tuple(FIELDS)
_ABOUT: dict[str, Schema] = {
    "kind": {
        "type": "string",
        "pattern": "^[a-z][a-z0-9_]{2,47}$",
        "description": "What it is for in one stable slug, e.g. follow_up_pricing",
    },
    "evidence": {
        "type": "array",
        "minItems": 1,
        "maxItems": MAX_EVIDENCE,
        "items": {"type": "string"},
        "description": "Ids of the events, notes and messages it is based on",
    },
    "reasoning": _line(1000, "Why, for the reviewer"),
}
_LIMITS = {"minLength", "maxLength", "minItems", "maxItems", "pattern"}
_ROW_ID = re.compile(r"\b(?:evt|note|msg)_[0-9a-z]{26}\b")


class InvalidProposal(Exception):
    """The answer is invalid; the message is shown to the model."""


def answer_schema(capabilities: tuple[str, ...]) -> Schema:
    """The decision of a model that may propose these types, with every limit.

    Types outside PROPOSABLE are omitted; if none remains the caller does not call a model.
    """
    choices = [_proposal(name) for name in PROPOSABLE if name in capabilities]
    return _closed(
        {
            "summary": _line(2000, "Why this, or why nothing, in a sentence or two"),
            "intents": {"type": "array", "maxItems": MAX_INTENTS, "items": {"anyOf": choices}},
        }
    )


def without_unsupported(schema: Any) -> Any:
    """The schema without keywords that the APIs' structured output does not support."""
    if isinstance(schema, list):
        return [without_unsupported(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: without_unsupported(value) for key, value in schema.items() if key not in _LIMITS}


def ids_in(answer: Any) -> set[str]:
    """Ids of events, notes and messages in the answer of a read tool."""
    return set(_ROW_ID.findall(json.dumps(answer, default=str)))


def intents_of(
    text: str, facts: Facts, capabilities: tuple[str, ...], seen: set[str]
) -> tuple[tuple[Intent, ...], str]:
    """The intents and the summary of a model's final answer; raises Wrong.

    `seen` are the ids returned by read tools. A JSON object inside prose or a code fence is
    accepted, for servers that don't constrain their models.
    """
    answer = _object_in(text)
    _check(answer, answer_schema(capabilities))
    known = facts.evidence_ids | seen
    intents = tuple(_intent(given, facts, known) for given in answer["intents"])
    kinds = [intent.kind for intent in intents]
    if len(set(kinds)) != len(kinds):
        raise InvalidProposal("Each intent must have a different kind.")
    return intents, _clean("summary", answer["summary"])


def _proposal(name: str) -> Schema:
    fields: dict[str, Schema] = {"action_type": {"type": "string", "enum": [name]}}
    return _closed({**fields, **_ABOUT, "params": _closed(FIELDS[name])})


def _closed(properties: Mapping[str, Schema]) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": dict(properties),
    }


def _object_in(text: str) -> dict[str, Any]:
    begins, ends = text.find("{"), text.rfind("}")
    try:
        answer = json.loads(text[begins : ends + 1])
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise InvalidProposal("Answer with one JSON object and nothing else.")
    return answer


def _check(answer: dict[str, Any], schema: Schema) -> None:
    for number, given in enumerate(_listed(answer)):
        _check_type(given, number, schema)
    fault = next(iter(Draft202012Validator(schema).iter_errors(answer)), None)
    if fault is not None:
        raise InvalidProposal(_where(fault.absolute_path, str(fault.message)))


def _listed(answer: dict[str, Any]) -> list[Any]:
    intents = answer.get("intents")
    return intents if isinstance(intents, list) else []


def _check_type(given: Any, number: int, schema: Schema) -> None:
    """Validate by the type's own schema: "matches none of twelve" would not help a model."""
    choices = {
        choice["properties"]["action_type"]["enum"][0]: choice
        for choice in schema["properties"]["intents"]["items"]["anyOf"]
    }
    name = given.get("action_type") if isinstance(given, dict) else None
    if not isinstance(name, str) or name not in choices:
        raise InvalidProposal(f"intents.{number}.action_type must be one of: {', '.join(choices)}.")
    fault = next(iter(Draft202012Validator(choices[name]).iter_errors(given)), None)
    if fault is not None:
        raise InvalidProposal(_where(["intents", number, *fault.absolute_path], str(fault.message)))


def _where(path: Any, message: str) -> str:
    return f"{'.'.join(str(part) for part in path) or 'The answer'}: {message[:300]}"


def _intent(given: dict[str, Any], facts: Facts, known: set[str] | frozenset[str]) -> Intent:
    evidence = tuple(dict.fromkeys(given["evidence"]))
    foreign = [name for name in evidence if name not in known]
    if foreign:
        raise InvalidProposal(
            f"evidence: {foreign[0][:64]} is not the id of a given event, note or message."
        )
    return Intent(
        kind=given["kind"],
        action_type=given["action_type"],
        params=_params(given["action_type"], given["params"], facts),
        evidence=evidence,
        reasoning=_clean("reasoning", given["reasoning"]),
    )


def _params(action_type: str, given: dict[str, Any], facts: Facts) -> dict[str, Any]:
    threads = {letter.thread_id for letter in facts.messages}
    if given.get("thread_id") is not None and given["thread_id"] not in threads:
        raise InvalidProposal("thread_id is not a conversation of this contact.")
    if "properties" in given:
        given = {"properties": {row["key"]: row["value"] for row in given["properties"]}}
    kept = {key: _clean(key, value) for key, value in given.items() if value is not None}
    return {**_about(action_type, facts), **kept}


def _about(action_type: str, facts: Facts) -> dict[str, str]:
    """The subject: the contact, or the company if known."""
    if action_type == "send_slack_message":
        return {}
    if action_type == "sync_to_crm":
        return {"entity_type": "contact", "entity_id": facts.contact.id}
    if action_type != "update_company":
        return {"contact_id": facts.contact.id}
    if facts.company is None:
        raise InvalidProposal("This contact has no company to change.")
    return {"company_id": facts.company.id}


def _clean(key: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return clean_line(value) if key in {"subject", "title"} else clean_text(value)
    except ValueError as error:
        raise InvalidProposal(f"{key} {error}.") from None
