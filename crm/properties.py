"""The properties of contacts and companies: the one list of names, columns and checks.

Keys are lower-case like HubSpot's. A key that is not listed is a custom property and lives in JSON.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core import addresses, domains
from core.errors import ValidationFailed
from core.schemas import clean_line, clean_text, has_invisible, nearest, plain_name

LIFECYCLE_STAGES = (
    "lead",
    "prospect",
    "mql",
    "sql",
    "opportunity",
    "customer",
    "evangelist",
    "subscriber",
    "other",
)
MAX_VALUE_BYTES = 4096
MAX_KEYS = 200
_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")
_URL = re.compile(r"https?://[^\s/]")

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Property:
    """One known property. `sensitive` ones make a change red (policy-5)."""

    key: str
    label: str
    kind: type = str
    choices: tuple[str, ...] = ()
    limit: int = 200
    sensitive: bool = False
    is_url: bool = False


def _by_key(*properties: Property) -> dict[str, Property]:
    return {known.key: known for known in properties}


CONTACT_PROPERTIES = _by_key(
    Property("email", "E-mail", limit=254, sensitive=True),
    Property("firstname", "First name", limit=120),
    Property("lastname", "Last name", limit=120),
    Property("jobtitle", "Job title"),
    Property("phone", "Phone", limit=64),
    Property("linkedin_url", "LinkedIn", limit=300, is_url=True),
    Property("lifecyclestage", "Lifecycle stage", choices=LIFECYCLE_STAGES),
    Property("lead_status", "Lead status", limit=32),
    Property("industry", "Industry", limit=120),
    Property("country", "Country", limit=120),
    Property("state", "State", limit=120),
    Property("city", "City", limit=120),
    Property("email_consent", "E-mail consent", kind=bool, sensitive=True),
)
COMPANY_PROPERTIES = _by_key(
    Property("domain", "Domain", limit=253, sensitive=True),
    Property("name", "Name"),
    Property("industry", "Industry", limit=120),
    Property("country", "Country", limit=120),
    Property("city", "City", limit=120),
    Property("employee_count", "Employees", kind=int),
    Property("lifecyclestage", "Lifecycle stage", choices=LIFECYCLE_STAGES),
)


def validate(known: Mapping[str, Property], given: Mapping[str, Any]) -> dict[str, Scalar]:
    """The given values in stored form; `None` clears. Raises ValidationFailed naming the field."""
    if len(given) > MAX_KEYS:
        raise ValidationFailed(f"At most {MAX_KEYS} properties per call.", field="properties")
    return {key: _checked(known, key, value) for key, value in given.items()}


def unknown(known: Mapping[str, Property], given: Mapping[str, Any]) -> list[dict[str, str]]:
    """Unknown keys, each with the known property it may have meant."""
    found = []
    for key in sorted(set(given) - set(known)):
        likely = nearest(key, list(known))
        found.append({"key": key} | ({"did_you_mean": likely} if likely else {}))
    return found


def shown(value: object) -> str:
    """A value as cards show it; an empty string for no value."""
    if value is None:
        return ""
    return {True: "yes", False: "no"}.get(value, "") if isinstance(value, bool) else str(value)


def _checked(known: Mapping[str, Property], key: str, value: Any) -> Scalar:
    field = f"properties.{plain_name(key)}"
    if not _KEY.fullmatch(key):
        raise ValidationFailed(
            "A property key must start with a letter; lower-case letters, digits and _ only.",
            field=field,
        )
    rule = known.get(key)
    if value is None:
        if key in {"email", "domain"}:
            raise ValidationFailed("This property can't be cleared.", field=field)
        return None
    return _custom(value, field) if rule is None else _known(rule, value, field)


def _known(rule: Property, value: Any, field: str) -> Scalar:
    if not _is_of(rule.kind, value):
        raise ValidationFailed(f"{rule.label} must be {_KIND_WORDS[rule.kind]}.", field=field)
    if rule.choices and value not in rule.choices:
        raise ValidationFailed(
            f"{rule.label} is not one of the valid values.",
            field=field,
            valid_values=rule.choices,
            did_you_mean=nearest(str(value), list(rule.choices)),
        )
    if rule.key == "email":
        return addresses.normalize(value, field=field)
    if rule.key == "domain":
        return domains.normalize(value, field=field)
    if rule.kind is int and not 0 <= value < 2**31:
        raise ValidationFailed(f"{rule.label} must be from 0 to 2147483647.", field=field)
    if rule.kind is str:
        return _line(rule, value, field)
    checked_value: Scalar = value
    return checked_value


def _line(rule: Property, value: str, field: str) -> str:
    """A known text appears beside our words on cards: one line, no invisible characters."""
    text = _text(value, rule.limit, field, clean_line)
    if has_invisible(text):
        raise ValidationFailed(f"{rule.label} contains invisible characters.", field=field)
    if rule.is_url and text and not _URL.match(text):
        raise ValidationFailed(f"{rule.label} must start with https:// or http://.", field=field)
    return text


def _is_of(kind: type, value: Any) -> bool:
    return type(value) is kind  # a bool is an int to isinstance


_KIND_WORDS: dict[type, str] = {str: "text", int: "a whole number", bool: "true or false"}


def _custom(value: Any, field: str) -> Scalar:
    if not isinstance(value, str | int | float | bool):
        raise ValidationFailed(
            "A property must be text, a number, true, false or null.", field=field
        )
    return _text(value, MAX_VALUE_BYTES, field) if isinstance(value, str) else value


def _text(value: str, limit: int, field: str, clean: Callable[[str], str] = clean_text) -> str:
    try:
        text = clean(value).strip()
    except ValueError as error:
        raise ValidationFailed(f"The text {error}.", field=field) from error
    if len(text.encode()) > limit:
        raise ValidationFailed(f"At most {limit} bytes of text.", field=field)
    return text
