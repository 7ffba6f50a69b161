"""The fields a condition may name, of contacts and events, with their kinds and operators."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from crm.filters.nodes import OPS, Op
from crm.properties import COMPANY_PROPERTIES, CONTACT_PROPERTIES, Property

Kind = Literal["text", "choice", "number", "boolean", "date", "id", "custom"]

_SETNESS: tuple[Op, ...] = ("is_set", "is_not_set")
_EQUALITY: tuple[Op, ...] = ("eq", "ne", "in", "not_in")
_ORDER: tuple[Op, ...] = ("gt", "gte", "lt", "lte")
OPS_OF: Mapping[Kind, tuple[Op, ...]] = {
    "text": (*_EQUALITY, "contains", *_SETNESS),
    "choice": (*_EQUALITY, *_SETNESS),
    "number": (*_EQUALITY, *_ORDER, *_SETNESS),
    "boolean": ("eq", "ne", *_SETNESS),
    "date": ("before", "after", *_SETNESS),
    "id": (*_EQUALITY, *_SETNESS),
    "custom": tuple(op for op in OPS if op not in {"before", "after"}),
}
_KIND_OF: dict[type, Kind] = {str: "text", int: "number", bool: "boolean"}
_CUSTOM = re.compile(r"[a-z][a-z0-9_]{0,63}")
COMPANY = "company."


@dataclass(frozen=True, slots=True)
class FieldRule:
    """A field: the column or JSON key it reads, and the kind of its values."""

    name: str
    label: str
    kind: Kind
    column: str
    choices: tuple[str, ...] = ()
    of_company: bool = False
    json_key: str = ""


def _of_property(known: Property, prefix: str = "", label: str = "") -> FieldRule:
    kind: Kind = "choice" if known.choices else _KIND_OF[known.kind]
    return FieldRule(
        f"{prefix}{known.key}",
        f"{label}{known.label}",
        kind,
        known.key,
        choices=known.choices,
        of_company=bool(prefix),
    )


def _by_name(*rules: FieldRule) -> dict[str, FieldRule]:
    return {rule.name: rule for rule in rules}


CONTACT_FIELDS = _by_name(
    *(_of_property(known) for known in CONTACT_PROPERTIES.values()),
    FieldRule("created_at", "Created", "date", "created_at"),
    FieldRule("updated_at", "Changed", "date", "updated_at"),
    FieldRule("first_seen_at", "First seen", "date", "first_seen_at"),
    FieldRule("creation_source", "Created by", "text", "creation_source"),
    FieldRule("is_enriched", "Enriched", "boolean", "is_enriched"),
    FieldRule("company_id", "Company's id", "id", "company"),
    *(_of_property(known, COMPANY, "Company: ") for known in COMPANY_PROPERTIES.values()),
)
EVENT_FIELDS = _by_name(
    FieldRule("path", "Path", "text", "path"),
    FieldRule("url", "URL", "text", "url"),
    FieldRule("title", "Page title", "text", "title"),
    FieldRule("domain", "Domain", "text", "domain"),
    FieldRule("referrer", "Referrer", "text", "referrer"),
    FieldRule("referring_domain", "Referring domain", "text", "referring_domain"),
    FieldRule("utm_source", "UTM source", "text", "utm_source"),
    FieldRule("utm_medium", "UTM medium", "text", "utm_medium"),
    FieldRule("utm_campaign", "UTM campaign", "text", "utm_campaign"),
    FieldRule("browser", "Browser", "text", "browser"),
    FieldRule("os", "Operating system", "text", "os"),
    FieldRule("device_type", "Device", "text", "device_type"),
    FieldRule("country", "Country", "text", "country"),
    FieldRule("source", "Recorded by", "text", "source"),
    FieldRule("is_bot", "Bot", "boolean", "is_bot"),
)
CUSTOM_PREFIXES = {"contact": "properties", "event": "data"}


def fields_of(noun: str) -> dict[str, FieldRule]:
    """The named fields of contacts or of events."""
    return CONTACT_FIELDS if noun == "contact" else EVENT_FIELDS


def rule_of(noun: str, name: str) -> FieldRule | None:
    """The field of this name, known or custom (`properties.plan`, `data.form_id`), or None."""
    known = fields_of(noun).get(name)
    if known is not None:
        return known
    column = CUSTOM_PREFIXES[noun]
    prefix, _, key = name.partition(".")
    own = {rule.column for rule in CONTACT_FIELDS.values() if not rule.of_company}
    if prefix != column or not _CUSTOM.fullmatch(key) or (noun == "contact" and key in own):
        return None
    return FieldRule(name, name, "custom", column, json_key=key)
