"""A filter as people read it: `Stage is lead, and page_view at least 2 times in 7 days`.

It quotes members' texts (segment names, values): pages show it as user text, errors never do.
"""

from collections.abc import Mapping
from typing import Any

from core.schemas import plain_name
from crm.filters import fields
from crm.filters.nodes import All, AnyOf, Condition, DaysAgo, Happened, Node, Not, NotContacted

OP_WORDS: Mapping[str, str] = {
    "eq": "is",
    "ne": "is not",
    "in": "is one of",
    "not_in": "is none of",
    "contains": "contains",
    "gt": "is more than",
    "gte": "is at least",
    "lt": "is less than",
    "lte": "is at most",
    "before": "is before",
    "after": "is on or after",
    "is_set": "is set",
    "is_not_set": "is not set",
}
COUNT_WORDS: Mapping[str, str] = {
    "gte": "at least",
    "gt": "more than",
    "eq": "exactly",
    "lte": "at most",
    "lt": "less than",
    "ne": "not exactly",
}


def words_of(node: Node, names: Mapping[str, str]) -> str:
    """The filter as words; `names` are those of segments by id."""
    if isinstance(node, Not):
        return f"not ({words_of(node.negated, names)})"
    if isinstance(node, All | AnyOf):
        parts, joint = (node.all, ", and ") if isinstance(node, All) else (node.any, ", or ")
        return joint.join(_inside(part, names) for part in parts)
    if isinstance(node, Condition):
        return condition_words("contact", node)
    if isinstance(node, Happened):
        return _happened(node)
    if isinstance(node, NotContacted):
        return f"not contacted in {_days(node.not_contacted_days)}"
    return f"in {names.get(node.segment_id, 'a deleted segment')}"


def condition_words(noun: str, node: Condition) -> str:
    """One condition on a contact or event."""
    rule = fields.rule_of(noun, node.field)
    label = rule.label if rule else plain_name(node.field)
    return " ".join(filter(None, (label, OP_WORDS[node.op], value_words(node.value))))


def value_words(value: Any) -> str:
    """A value as people write it into a form; a list with commas."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(map(value_words, value))
    if isinstance(value, DaysAgo):
        return f"{value.days_ago} days ago"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _inside(node: Node, names: Mapping[str, str]) -> str:
    words = words_of(node, names)
    return f"({words})" if isinstance(node, All | AnyOf) else words


def _happened(node: Happened) -> str:
    where = " and ".join(condition_words("event", part) for part in node.where)
    parts = [node.event, f"with {where}" if where else ""]
    if node.count:
        times = "time" if node.count.value == 1 else "times"
        parts.append(f"{COUNT_WORDS[node.count.op]} {node.count.value} {times}")
    if node.within_days:
        parts.append(f"in {_days(node.within_days)}")
    return " ".join(filter(None, parts))


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
