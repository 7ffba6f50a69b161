"""docs/reference, written from the code: tools, REST, scopes, statuses, errors, filters, events."""

import inspect
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, get_args

from django.template import Engine

from api.routers import ROUTES
from api.schema import openapi
from approvals.vocabulary import REASON_CODES, STATUS_TABLE, TRANSITIONS, Status
from core import errors
from core.access import SCOPE_RULES, Role, Scope
from core.errors import AppError
from core.outcomes import Verdict
from core.schemas import input_schema
from crm import filters
from crm.filters import fields, nodes
from crm.filters.fields import FieldRule
from crm.filters.wording import OP_WORDS
from crm.queries.aggregate_fields import names_of
from crm.schemas import events as schemas
from crm.schemas.aggregate import Entity
from crm.schemas.events import LATE_AFTER, EventOut, IngestedEvent
from pathbound_mcp.env import ROOT
from tools import catalog
from tools.base import Tool

HEAD = "Written by `make docs` from the code; a difference fails `make check`."
Facts = dict[str, Any]

_VERDICTS = {
    Verdict.EXECUTED: "the change was made",
    Verdict.SCHEDULED: "allowed; runs at `runs_at`, as every message does",
    Verdict.QUEUED: "waits for approval at `review_url`",
    Verdict.NOOP: "no change: the values are already set",
    Verdict.REFUSED: "policy does not allow it; `why` names the rule",
    Verdict.NEEDS_PERSON: "not decided; a person must confirm at `confirm_url`",
    Verdict.WOULD_EXECUTE: "dry run: the change would be made",
    Verdict.WOULD_QUEUE: "dry run: it would wait for approval",
    Verdict.WOULD_REFUSE: "dry run: it would be refused",
}


def page(name: str) -> str:
    """The text of a page, by its file name: the template of that name, filled from the code."""
    engine = Engine(dirs=[str(ROOT / "templates" / "reference")], autoescape=False)
    return engine.render_to_string(name, {"head": HEAD, **PAGES[name]()})


def _tools() -> Facts:
    return {"tools": map(_tool, catalog.all_tools().values())}


def _rest() -> Facts:
    overview = [
        (
            f"`{route.method} /v1{route.path}`",
            route.summary,
            _scopes(route.all_scopes, any_of=route.needs_one_scope),
            route.declared.propose_role.value,
            " ".join(map(str, openapi.statuses_of(route))),
        )
        for route in ROUTES
    ]
    routes = [
        {
            "method": route.method,
            "path": route.path,
            "summary": route.summary,
            "arguments": route.arguments
            and _arguments(route.arguments, {*route.path_names, *route.required}),
        }
        for route in ROUTES
    ]
    head = ("route", "does", "scopes", "role", "answers")
    return {"overview": _table(head, overview), "routes": routes}


def _scopes_and_roles() -> Facts:
    tools = catalog.all_tools().values()
    scopes = [
        (
            f"`{scope}`",
            rule.sentence,
            rule.role.value,
            "yes" if rule.ticked else "no",
            _code(tool.name for tool in tools if scope in tool.scopes),
        )
        for scope, rule in SCOPE_RULES.items()
    ]
    roles = [(role.value, _code(tool.name for tool in tools if tool.role is role)) for role in Role]
    head = ("scope", "sentence on the consent page", "role", "ticked", "tools")
    return {"scopes": _table(head, scopes), "roles": _table(("role", "tools it adds"), roles)}


def _statuses() -> Facts:
    rows = [
        (f"`{status}`", meaning, _code(sorted(filter(None, details))), _leads_to(status))
        for status, (meaning, details) in STATUS_TABLE.items()
    ]
    return {
        "actions": _table(("status", "means", "status_detail", "leads to"), rows),
        "requests": _coded(("word", "means"), _VERDICTS),
        "reasons": _coded(("reason_code", "on the page"), dict(REASON_CODES)),
    }


def _errors() -> Facts:
    found = {
        kind.code: kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, AppError) and kind is not AppError and "code" in vars(kind)
    }
    rows = [
        (f"`{code}`", str(kind.http_status), "yes" if kind.retryable else "no", _sentence(kind))
        for code, kind in sorted(found.items())
    ]
    refusals = [(str(status), words) for status, words in openapi.REFUSALS.items()]
    return {
        "errors": _table(("code", "REST", "try again", "means"), rows),
        "refusals": _table(("HTTP", "means"), refusals),
    }


_FILTER_EXAMPLE = {
    "all": [
        {"field": "lifecyclestage", "op": "in", "value": ["lead", "mql"]},
        {"field": "company.employee_count", "op": "gte", "value": 50},
        {
            "event": "page_view",
            "where": [{"field": "path", "op": "eq", "value": "/pricing"}],
            "count": {"op": "gte", "value": 2},
            "within_days": 7,
        },
        {"not_contacted_days": 14},
        {"not": {"field": "properties.plan", "op": "eq", "value": "free"}},
    ]
}


def _filter_grammar() -> Facts:
    filters.parse(_FILTER_EXAMPLE)
    kinds = [(kind, _code(ops)) for kind, ops in fields.OPS_OF.items()]
    shapes = {key: _sentence(shape) for key, shape in nodes.SHAPES.items()}
    return {
        "nodes": nodes,
        "shapes": _coded(("key", "means"), shapes),
        "example": json.dumps(_FILTER_EXAMPLE, indent=2),
        "operators": _coded(("op", "means"), OP_WORDS),
        "kinds": _table(("kind of field", "operators"), kinds),
        "contact_fields": _fields(fields.CONTACT_FIELDS.values()),
        "event_fields": _fields(fields.EVENT_FIELDS.values()),
        "schema": json.dumps(filters.json_schema(), indent=2),
    }


# Fields derived from what was sent; the others are stored as sent.
_DERIVED = {
    "domain": "the host of `url`",
    "path": "the path of `url`",
    "utm_source": "the campaign parameter of `url`",
    "utm_medium": "the same",
    "utm_campaign": "the same",
    "referring_domain": "the registrable domain of `referrer`; `direct` without one",
    "browser": "from `user_agent`, which is not stored",
    "os": "the same",
    "device_type": "the same: Desktop, Mobile or Tablet",
    "is_bot": "`user_agent` is a crawler or a program; present only when true",
    "company_id": "the contact's company when the event was stored",
    "late": f"stored more than {LATE_AFTER.days} days after it happened; present only when true",
}


def _events() -> Facts:
    told = input_schema(IngestedEvent)
    shown = EventOut.model_fields.keys()
    if _DERIVED.keys() - shown:
        raise RuntimeError(f"events do not show {_DERIVED.keys() - shown}")
    counted_by = {entity: _code(names_of(entity)) for entity in get_args(Entity)}
    return {
        "limits": schemas,
        "told": _arguments(told["properties"], set(told.get("required", []))),
        "derived": _coded(("field", "meaning"), _DERIVED),
        "counted_by": _coded(("`entity`", "`group_by` in aggregate_data"), counted_by),
    }


PAGES: dict[str, Callable[[], Facts]] = {
    "tools.md": _tools,
    "rest.md": _rest,
    "scopes-and-roles.md": _scopes_and_roles,
    "statuses.md": _statuses,
    "errors.md": _errors,
    "filters.md": _filter_grammar,
    "events.md": _events,
}


def _fields(rules: Iterable[FieldRule]) -> str:
    rows = [(f"`{rule.name}`", rule.label, rule.kind, _code(rule.choices)) for rule in rules]
    return _table(("field", "is", "kind", "values"), rows)


def _tool(tool: Tool) -> dict[str, str]:
    hints = tool.hints
    marks = [
        letter
        for letter, name in (
            ("R", "readOnlyHint"),
            ("D", "destructiveHint"),
            ("I", "idempotentHint"),
            ("O", "openWorldHint"),
        )
        if hints[name]
    ]
    schema = tool.input_schema
    scopes = _scopes(tool.scopes, any_of=tool.declared.any_scope)
    return {
        "name": tool.name,
        "who": f"{scopes} · {tool.role} · {' '.join(marks)}",
        "described": tool.definition["description"],
        "arguments": _arguments(schema["properties"], set(schema.get("required", []))),
    }


def _arguments(properties: dict[str, dict[str, Any]], required: set[str]) -> str:
    rows = [
        (
            f"**`{name}`**" if name in required else f"`{name}`",
            _kind(part),
            part.get("description", ""),
        )
        for name, part in properties.items()
    ]
    return _table(("argument", "type", "meaning"), rows) if rows else "No arguments."


def _kind(part: dict[str, Any]) -> str:
    if "enum" in part:
        return " / ".join(map(str, part["enum"]))
    if "const" in part:
        return str(part["const"])
    kind = str(part.get("type", "any"))
    default = part.get("default")
    return kind if default in (None, "", [], {}) else f"{kind}, {str(default).lower()}"


def _leads_to(status: Status) -> str:
    return _code(sorted(TRANSITIONS[status] - {status})) or "nowhere"


def _sentence(kind: type) -> str:
    return " ".join((kind.__doc__ or "").split())


def _code(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _scopes(scopes: Iterable[Scope], *, any_of: bool) -> str:
    return (" or " if any_of else ", ").join(f"`{scope}`" for scope in scopes)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in lines)


def _coded(head: tuple[str, ...], meanings: Mapping[Any, str]) -> str:
    return _table(head, [(f"`{word}`", meaning) for word, meaning in meanings.items()])
