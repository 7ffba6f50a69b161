"""The filter builder: converts a page's form to and from the grammar.

A builder is up to ten groups of conditions; all or any of the groups, and in each all or any of its
conditions, must hold. Deeper filters are edited as JSON. Validation is the grammar's; `place_of`
maps the path of an error to a row of the form.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crm.filters import fields
from crm.filters.nodes import All, AnyOf, Condition, Happened, InSegment, Node, Not, NotContacted
from crm.filters.wording import value_words

MAX_GROUPS = 10
MAX_ROWS = 20
KINDS = ("field", "event", "contacted", "segment")
_DAYS_AGO = re.compile(r"(\d{1,4}) days? ago", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,6})?")
_WORDS = {"yes": True, "true": True, "no": False, "false": False}
# The names of a row's inputs, by its kind.
INPUTS: Mapping[str, tuple[str, ...]] = {
    "field": ("field", "op", "value"),
    "event": ("event", "where", "where_op", "where_value", "count_op", "count", "days"),
    "contacted": ("days",),
    "segment": ("segment", "inside"),
}


@dataclass(slots=True)
class Row:
    """One condition as typed, with its error."""

    kind: str
    given: dict[str, str]
    error: str = ""

    def node(self) -> dict[str, Any]:
        """It in the grammar."""
        return _NODES[self.kind](self.given)


@dataclass(slots=True)
class Block:
    """A group of conditions."""

    match: str = "all"
    rows: list[Row] = field(default_factory=list)


@dataclass(slots=True)
class Builder:
    """The form's content. With `is_text` the filter is the JSON in `text`."""

    name: str = ""
    description: str = ""
    match: str = "all"
    blocks: list[Block] = field(default_factory=list)
    is_text: bool = False
    text: str = ""

    def data(self) -> dict[str, Any]:
        """The filter; a single group or condition is not wrapped."""
        groups = [
            _group(block.match, [row.node() for row in block.rows])
            for block in self.blocks
            if block.rows
        ]
        return _group(self.match, groups) if groups else {"all": []}

    def place_of(self, path: str) -> Row | None:
        """The row that a path of the grammar is about."""
        numbers = [int(part) for part in path.split(".") if part.isdigit()]
        filled = [block for block in self.blocks if block.rows]
        if not filled:
            return None
        block = filled[numbers.pop(0)] if len(filled) > 1 and numbers else filled[0]
        number = numbers.pop(0) if len(block.rows) > 1 and numbers else 0
        return block.rows[number] if number < len(block.rows) else None

    def name_of(self, wanted: Row) -> str:
        """The label of a row of the form: `Group 2, condition 1`."""
        several = len(self.blocks) > 1
        for g, block in enumerate(self.blocks, 1):
            for r, row in enumerate(block.rows, 1):
                if row is wanted:
                    return f"Group {g}, condition {r}" if several else f"Condition {r}"
        return ""

    def as_text(self) -> str:
        """The filter as JSON to edit."""
        return text_of(self.data())


def text_of(data: Any) -> str:
    """JSON as people edit it."""
    return json.dumps(data, ensure_ascii=False, indent=2)


def parse_form(given: Mapping[str, str]) -> Builder:
    """The builder from a submitted form; missing and surplus fields are ignored."""
    builder = Builder(
        name=given.get("name", ""),
        description=given.get("description", ""),
        match=_match(given.get("match")),
        is_text=given.get("mode") == "text",
        text=given.get("text", ""),
    )
    for g in range(MAX_GROUPS):
        if f"g{g}-match" in given:
            builder.blocks.append(_read_block(given, f"g{g}"))
    return builder


def apply_button(builder: Builder, do: str) -> None:
    """Carry out a button: `add:0:event`, `drop:0:2`, `add-group`, `drop-group:1`."""
    verb, *more = do.split(":")
    if verb == "add-group" and len(builder.blocks) < MAX_GROUPS:
        builder.blocks.append(Block(rows=[Row("field", {})]))
    block = _at(builder.blocks, more[:1])
    if block is None:
        return
    if verb == "drop-group":
        builder.blocks.remove(block)
    if verb == "add" and more[1:] and more[1] in KINDS and len(block.rows) < MAX_ROWS:
        block.rows.append(Row(more[1], {}))
    row = _at(block.rows, more[1:])
    if verb == "drop" and row is not None:
        block.rows.remove(row)


def of_filter(node: Node) -> Builder | None:
    """The builder for a filter, or None if it is nested too deeply for the form."""
    builder = Builder()
    parts = _parts(node)
    if parts is None or all(_row(part) for part in parts):
        parts = [node]
    else:
        builder.match = "all" if isinstance(node, All) else "any"
    for part in parts:
        inner = _parts(part)
        rows = [_row(one) for one in ([part] if inner is None else inner)]
        if not all(rows) or len(rows) > MAX_ROWS:
            return None
        match = "any" if isinstance(part, AnyOf) else "all"
        builder.blocks.append(Block(match, [row for row in rows if row]))
    return builder if len(builder.blocks) <= MAX_GROUPS else None


def _parts(node: Node) -> list[Node] | None:
    if isinstance(node, All):
        return node.all
    return node.any if isinstance(node, AnyOf) else None


def _row(node: Node) -> Row | None:
    if isinstance(node, Condition):
        given = {"field": node.field, "op": node.op, "value": value_words(node.value)}
        row = Row("field", given)
    elif isinstance(node, NotContacted):
        row = Row("contacted", {"days": str(node.not_contacted_days)})
    elif isinstance(node, InSegment):
        row = Row("segment", {"segment": node.segment_id, "inside": "in"})
    elif isinstance(node, Not) and isinstance(node.negated, InSegment):
        row = Row("segment", {"segment": node.negated.segment_id, "inside": "out"})
    elif isinstance(node, Happened) and len(node.where) < 2:
        row = Row("event", _event_given(node))
    else:
        return None
    # A filter the form would not reproduce is edited as JSON.
    same = row.node() == node.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return row if same else None


def _event_given(node: Happened) -> dict[str, str]:
    given = {"event": node.event}
    if node.where:
        where = node.where[0]
        given |= {"where": where.field, "where_op": where.op}
        given["where_value"] = value_words(where.value)
    if node.count:
        given |= {"count_op": node.count.op, "count": str(node.count.value)}
    return given | ({"days": str(node.within_days)} if node.within_days else {})


def _read_block(given: Mapping[str, str], prefix: str) -> Block:
    block = Block(_match(given.get(f"{prefix}-match")))
    for r in range(MAX_ROWS):
        kind = given.get(f"{prefix}-r{r}-kind", "")
        if kind in KINDS:
            inputs = {name: given.get(f"{prefix}-r{r}-{name}", "").strip() for name in INPUTS[kind]}
            block.rows.append(Row(kind, inputs))
    return block


def _match(word: str | None) -> str:
    return "any" if word == "any" else "all"


def _at(found: list[Any], number: list[str]) -> Any:
    place = int(number[0]) if number and number[0].isdecimal() and len(number[0]) < 3 else -1
    return found[place] if 0 <= place < len(found) else None


def _group(match: str, parts: list[Any]) -> dict[str, Any]:
    return parts[0] if len(parts) == 1 else {match: parts}


def _field_node(given: Mapping[str, str]) -> dict[str, Any]:
    name, op = given.get("field", ""), given.get("op", "eq")
    node: dict[str, Any] = {"field": name, "op": op}
    if op in {"is_set", "is_not_set"}:
        return node
    return {**node, "value": _value("contact", name, op, given.get("value", ""))}


def _event_node(given: Mapping[str, str]) -> dict[str, Any]:
    node: dict[str, Any] = {"event": given.get("event", "")}
    where = given.get("where", "")
    if where or given.get("where_value"):
        op = given.get("where_op") or "eq"
        condition: dict[str, Any] = {"field": where, "op": op}
        if op not in {"is_set", "is_not_set"}:
            condition["value"] = _value("event", where, op, given.get("where_value", ""))
        node["where"] = [condition]
    if given.get("count"):
        node["count"] = {"op": given.get("count_op") or "gte", "value": _whole(given["count"])}
    return node | ({"within_days": _whole(given["days"])} if given.get("days") else {})


def _contacted_node(given: Mapping[str, str]) -> dict[str, Any]:
    return {"not_contacted_days": _whole(given.get("days", ""))}


def _segment_node(given: Mapping[str, str]) -> dict[str, Any]:
    node = {"segment_id": given.get("segment", "")}
    return {"not": node} if given.get("inside") == "out" else node


_NODES = {
    "field": _field_node,
    "event": _event_node,
    "contacted": _contacted_node,
    "segment": _segment_node,
}


def _value(noun: str, name: str, op: str, text: str) -> Any:
    """Converts typed text to the field's kind; other text stays text, and is refused."""
    rule = fields.rule_of(noun, name)
    kind = rule.kind if rule else "text"
    if op in {"in", "not_in"}:
        return [_one(kind, op, part.strip()) for part in text.split(",") if part.strip()]
    return _one(kind, op, text)


def _one(kind: str, op: str, text: str) -> Any:
    if kind == "date" and (ago := _DAYS_AGO.fullmatch(text)):
        return {"days_ago": int(ago[1])}
    if kind in {"boolean", "custom"} and text.lower() in _WORDS and op != "contains":
        return _WORDS[text.lower()]
    if kind in {"number", "custom"} and op != "contains" and _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return text


def _whole(text: str) -> Any:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else text
