"""docs/reference, written from the code: tools, REST, scopes, statuses, errors, filters, events."""

import inspect
import json
from collections.abc import Callable, Iterable
from typing import Any, get_args

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
from crm.schemas.aggregate import Entity
from crm.schemas.events import (
    LATE_AFTER,
    MAX_DATA_BYTES,
    MAX_DATA_KEYS,
    MAX_INGESTED,
    EventOut,
    IngestedEvent,
)
from tools import catalog
from tools.base import Tool

HEAD = "Written by `make docs` from the code; a difference fails `make check`.\n"

_VERDICTS = {
    Verdict.EXECUTED: "it happened",
    Verdict.SCHEDULED: "it was let through and happens at `runs_at`, as every message does",
    Verdict.QUEUED: "it waits for a person at `review_url`",
    Verdict.NOOP: "everything is so already; nothing was written",
    Verdict.REFUSED: "policy does not allow it; `why` names the rule",
    Verdict.NEEDS_PERSON: "nothing was decided; a person decides at `confirm_url`",
    Verdict.WOULD_EXECUTE: "dry run: it would happen",
    Verdict.WOULD_QUEUE: "dry run: it would wait for a person",
    Verdict.WOULD_REFUSE: "dry run: it would be refused",
}


def tools() -> str:
    """Every tool: what it does, who may call it, what it takes."""
    parts = [
        "# Tools\n",
        HEAD,
        "Scopes and lowest role stand below the name. Marks: **R** reads only, **D** may change "
        "or end something, **I** may be repeated, **O** reaches outside this server.\n",
    ]
    return "\n".join([*parts, *map(_tool, catalog.all_tools().values())])


def rest() -> str:
    """Every route: where, for whom, what it takes and answers."""
    parts = [
        "# REST v1\n",
        HEAD,
        "`Authorization: Bearer sk_...` on everything but `/v1/health`. The same as a machine "
        "reads it: `/v1/openapi.json`; to try out: `/v1/docs`. Success is `status: success` with "
        "the resource beside it; what became of a change is `outcome`, and 202 when it waits. "
        "`Idempotency-Key` on everything that changes: the same key gets the first answer.\n",
        _table(
            ("route", "does", "scopes", "role", "answers"),
            [
                (
                    f"`{route.method} /v1{route.path}`",
                    route.summary,
                    _scopes(route.all_scopes, any_of=route.needs_one_scope),
                    route.declared.propose_role.value,
                    " ".join(map(str, openapi.statuses_of(route))),
                )
                for route in ROUTES
            ],
        ),
    ]
    for route in ROUTES:
        parts += [f"## {route.method} /v1{route.path}\n", f"{route.summary}.\n"]
        required = {*route.path_names, *route.required}
        if route.arguments:
            parts.append(_arguments(route.arguments, required))
    return "\n".join(parts)


def scopes_and_roles() -> str:
    """Every scope with its sentence, who may grant it, and which tools and routes want it."""
    rows = []
    for scope, rule in SCOPE_RULES.items():
        names = [tool.name for tool in catalog.all_tools().values() if scope in tool.scopes]
        rows.append(
            (
                f"`{scope}`",
                rule.sentence,
                rule.role.value,
                "yes" if rule.ticked else "no",
                _code(names),
            )
        )
    roles = [
        (role.value, _code(tool.name for tool in catalog.all_tools().values() if tool.role is role))
        for role in Role
    ]
    return "\n".join(
        [
            "# Scopes and roles\n",
            HEAD,
            "What a call may do is what its app or key was granted, and what the person's role "
            "allows now: the smaller of the two.\n",
            "## Scopes\n",
            _table(("scope", "sentence on the consent page", "role", "ticked", "tools"), rows),
            "## Roles\n",
            "Each role includes those above it.\n",
            _table(("role", "tools it adds"), roles),
        ]
    )


def statuses() -> str:
    """The ledger's statuses, what they carry, where they lead; and what becomes of a request."""
    rows = [
        (f"`{status}`", meaning, _code(sorted(filter(None, details))), _leads_to(status))
        for status, (meaning, details) in STATUS_TABLE.items()
    ]
    return "\n".join(
        [
            "# Statuses\n",
            HEAD,
            "## An action\n",
            _table(("status", "means", "status_detail", "leads to"), rows),
            "## A request\n",
            "`status` over MCP, `outcome` on REST.\n",
            _table(
                ("word", "means"), [(f"`{word}`", meaning) for word, meaning in _VERDICTS.items()]
            ),
            "## Reasons for a no\n",
            _table(
                ("reason_code", "on the page"), [(f"`{code}`", text) for code, text in REASON_CODES]
            ),
        ]
    )


def error_codes() -> str:
    """Every refusal: its code, its HTTP status, whether to try again."""
    found = {
        kind.code: kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, AppError) and kind is not AppError and "code" in vars(kind)
    }
    rows = [
        (f"`{code}`", str(kind.http_status), "yes" if kind.retryable else "no", _sentence(kind))
        for code, kind in sorted(found.items())
    ]
    return "\n".join(
        [
            "# Errors\n",
            HEAD,
            "Over MCP a refusal is a result with `isError` and `{error: {code, message, hint, "
            "retryable, ...}}`; on REST `{status: error, error: <message>, code, details, "
            "timestamp, request_id, ...}`.\n",
            _table(("code", "REST", "try again", "means"), rows),
            "## REST\n",
            _table(
                ("HTTP", "means"),
                [(str(status), words) for status, words in openapi.REFUSALS.items()],
            ),
        ]
    )


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


def filter_grammar() -> str:
    """The grammar of filters: shapes, operators, fields, bounds, and its JSON Schema."""
    filters.parse(_FILTER_EXAMPLE)
    kinds = [(kind, _code(ops)) for kind, ops in fields.OPS_OF.items()]
    shapes = [
        (f"`{key}`", " ".join((shape.__doc__ or "").split())) for key, shape in nodes.SHAPES.items()
    ]
    return "\n".join(
        [
            "# Filters\n",
            HEAD,
            "One grammar says which contacts are meant: in segments (`POST /v1/segments`), to try "
            "out (`POST /v1/segments/preview`), and in `aggregate_data` for contacts "
            '(`filters: {"filter": ...}`). `GET /v1/segments/filter` answers the same as JSON. '
            "Each part is an object with exactly one of these keys:\n",
            _table(("key", "means"), shapes),
            f"At most {nodes.MAX_DEPTH} levels and {nodes.MAX_LEAVES} conditions, those in `where` "
            f"included; lists have at most {nodes.MAX_LISTED} values, days go up to "
            f"{nodes.MAX_DAYS}. A segment can't be defined by itself, not even through another "
            "one.\n",
            f"```json\n{json.dumps(_FILTER_EXAMPLE, indent=2)}\n```\n",
            "## Operators\n",
            _table(("op", "means"), [(f"`{op}`", words) for op, words in OP_WORDS.items()]),
            "`ne`, `not_in` and `not` also hold for contacts without a value. Text is compared "
            "without regard to the case of a to z. A date is `2026-11-01` in the workspace's time "
            'zone, a moment with a zone, or `{"days_ago": 7}`.\n',
            _table(("kind of field", "operators"), kinds),
            "## Fields of a contact\n",
            _fields(fields.CONTACT_FIELDS.values()),
            "`properties.<key>` is a custom property, of kind custom: text, number, true or false; "
            "a value of another kind than the one it is compared with does not fit.\n",
            "## Fields of an event, in `where`\n",
            _fields(fields.EVENT_FIELDS.values()),
            "`data.<key>` is a fact of the event's own. Bots' events do not count unless `where` "
            "names `is_bot`.\n",
            "## JSON Schema\n",
            f"```json\n{json.dumps(filters.json_schema(), indent=2)}\n```\n",
        ]
    )


# What is worked out of what was told; the rest of an answer is as it came.
_DERIVED = {
    "domain": "the page's host (of `url`)",
    "path": "the page's path (of `url`)",
    "utm_source": "the campaign's tag (of `url`)",
    "utm_medium": "the same",
    "utm_campaign": "the same",
    "referring_domain": "the registrable domain of `referrer`; `direct` for a page without one",
    "browser": "of `user_agent`, which is not kept",
    "os": "the same",
    "device_type": "the same: Desktop, Mobile or Tablet",
    "is_bot": "whether `user_agent` is a crawler's or a program's; only when true",
    "company_id": "the contact's company when it was stored",
    "late": f"stored more than {LATE_AFTER.days} days after it happened; only when true",
}


def events() -> str:
    """What an event is: what is told, what is worked out, what can be grouped by."""
    told = input_schema(IngestedEvent)
    shown = EventOut.model_fields.keys()
    if _DERIVED.keys() - shown:
        raise RuntimeError(f"events do not show {_DERIVED.keys() - shown}")
    return "\n".join(
        [
            "# Events\n",
            HEAD,
            "An event is something that happened: a page view, a form, an opened e-mail. Names are "
            "free; the same name is the same kind. Events are added and never changed, but for "
            "whose they are, when a visitor is recognised.\n",
            f"## What a server tells\n\n`POST /v1/events`, 1 to {MAX_INGESTED} at once. A repeated "
            "`event_id` is stored once; a time in the future becomes now.\n",
            _arguments(told["properties"], set(told.get("required", []))),
            f"`data` holds up to {MAX_DATA_KEYS} keys and {MAX_DATA_BYTES} bytes.\n",
            "## What is worked out of it\n",
            _table(("field", "is"), [(f"`{name}`", words) for name, words in _DERIVED.items()]),
            "## What can be counted by\n",
            _table(
                ("`entity`", "`group_by` in aggregate_data"),
                [(f"`{entity}`", _code(names_of(entity))) for entity in get_args(Entity)],
            ),
            "Bots do not count unless `include_bots` is true or `is_bot` is grouped by. Days, "
            "weeks (from Monday) and months are the workspace's.\n",
        ]
    )


FILES: dict[str, Callable[[], str]] = {
    "tools.md": tools,
    "rest.md": rest,
    "scopes-and-roles.md": scopes_and_roles,
    "statuses.md": statuses,
    "errors.md": error_codes,
    "filters.md": filter_grammar,
    "events.md": events,
}


def _fields(rules: Iterable[FieldRule]) -> str:
    rows = [(f"`{rule.name}`", rule.label, rule.kind, _code(rule.choices)) for rule in rules]
    return _table(("field", "is", "kind", "values"), rows)


def _tool(tool: Tool) -> str:
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
    described = tool.definition["description"]
    taken = _arguments(schema["properties"], set(schema.get("required", [])))
    scopes = _scopes(tool.scopes, any_of=tool.declared.any_scope)
    who = f"{scopes} · {tool.role} · {' '.join(marks)}"
    return f"## {tool.name}\n\n{who}\n\n{described}\n\n{taken}"


def _arguments(properties: dict[str, dict[str, Any]], required: set[str]) -> str:
    rows = [
        (
            f"**`{name}`**" if name in required else f"`{name}`",
            _kind(part),
            part.get("description", ""),
        )
        for name, part in properties.items()
    ]
    return _table(("argument", "type", "meaning"), rows) if rows else "Takes nothing.\n"


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


def _sentence(kind: type[AppError]) -> str:
    return " ".join((kind.__doc__ or "").split())


def _code(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _scopes(scopes: Iterable[Scope], *, any_of: bool) -> str:
    return (" or " if any_of else ", ").join(f"`{scope}`" for scope in scopes)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |\n" for row in lines)
