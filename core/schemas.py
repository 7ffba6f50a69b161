"""Schemas of arguments and answers: strict on the way in, compact on the way out.

One pydantic model is the tool's input schema, the REST body and the stored payload's check.
"""

import difflib
import re
import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationError,
    WithJsonSchema,
)

from core.errors import ValidationFailed
from core.strict_json import is_storable
from core.validation_messages import reason

Model = TypeVar("Model", bound=BaseModel)

# Invisible and bidirectional control characters: a name must not hide behind them.
_INVISIBLE = re.compile(
    "[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]"
)
_YEARS = range(1970, 2101)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Arguments(BaseModel):
    """Arguments of an operation: unknown names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


def as_json(answer: BaseModel) -> dict[str, Any]:
    """An answer as plain JSON values, without absent fields."""
    return answer.model_dump(mode="json", exclude_none=True, by_alias=True)


def clean_text(text: str) -> str:
    """Text normalised to NFC with plain line ends; raises ValueError for control characters."""
    if not is_storable(text) or _CONTROL.search(text.replace("\r\n", "\n")):
        raise ValueError("has a control character; only line breaks and tabs are allowed")
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n"))


def clean_line(text: str) -> str:
    """A single line of normalised text; raises ValueError otherwise."""
    # Not only line feeds: mail headers also break at NEL and at Unicode's line separators.
    if "\t" in text or len(f"{text}.".splitlines()) > 1:
        raise ValueError("must be one line")
    return clean_text(text)


def plain_name(text: str, limit: int = 60) -> str:
    """An external name made safe to show: one line, no invisible characters, truncated."""
    shown = " ".join(visible(text).split())
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def visible(text: str) -> str:
    """The text without invisible characters; line breaks and tabs stay."""
    return _CONTROL.sub(" ", _INVISIBLE.sub("", text.replace("\r\n", "\n")))


def seen_whole(text: str) -> str:
    """Stripped text; raises ValueError for invisible characters."""
    if has_invisible(text):
        raise ValueError("contains invisible characters")
    return text.strip()


def not_empty(text: str) -> str:
    """Non-empty text; raises ValueError otherwise."""
    if not text:
        raise ValueError("must not be empty")
    return text


def has_invisible(text: str) -> bool:
    """Whether the text contains invisible characters (zero-width, bidi, tag characters)."""
    return bool(_INVISIBLE.search(text))


def moment_in_utc(moment: datetime) -> datetime:
    """A moment with an offset, converted to UTC; one without is unchanged: the caller picks its
    zone.

    Raises ValueError outside the years that our ids and both databases can store: PostgreSQL
    refuses offsets of 16 hours and more, which ISO 8601 allows.
    """
    if moment.year not in _YEARS:
        raise ValueError(f"must be in the years {_YEARS.start} to {_YEARS.stop - 1}")
    return moment if moment.tzinfo is None else moment.astimezone(UTC)


def _with_its_evening(value: Any) -> Any:
    is_date = isinstance(value, str) and _DATE.fullmatch(value)
    return f"{value}T23:59:59.999999" if is_date else value


def _written(value: Any) -> Any:
    """Refuse numbers: pydantic would read them as seconds since 1970."""
    is_digits = isinstance(value, str) and value.strip().lstrip("+-").replace(".", "", 1).isdigit()
    if isinstance(value, int | float) or is_digits:
        raise ValueError("must be an ISO 8601 date or time")
    return value


Text = Annotated[str, AfterValidator(clean_text)]
Line = Annotated[str, AfterValidator(clean_line)]
# The moment of an action: its zone must be explicit.
AwareMoment = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(moment_in_utc)]
# The inclusive ends of a queried time range. A date alone is its whole day; without an offset both
# are in the workspace's zone (see crm.queries.windows.window_of). The schema has no format: JSON
# Schema's date-time knows neither dates nor times without an offset.
_WHEN = WithJsonSchema({"type": "string"})
Since = Annotated[datetime, BeforeValidator(_written), AfterValidator(moment_in_utc), _WHEN]
Until = Annotated[
    datetime,
    BeforeValidator(_with_its_evening),
    BeforeValidator(_written),
    AfterValidator(moment_in_utc),
    _WHEN,
]
SINCE = "From this date or time, ISO 8601"
UNTIL = "Up to and including this date or time"


def validated(schema: type[Model], data: Any) -> Model:
    """`data` as `schema`; raises ValidationFailed for the first invalid field."""
    try:
        return schema.model_validate(data)
    except ValidationError as error:
        raise _refusal(schema, error) from None


def nearest(word: str, choices: list[str]) -> str | None:
    """The most likely choice for a mistyped word, or None."""
    found = difflib.get_close_matches(word, choices, n=1, cutoff=0.6)
    return found[0] if found else None


def _refusal(schema: type[BaseModel], error: ValidationError) -> ValidationFailed:
    faults = error.errors(include_url=False)
    missing = [".".join(map(str, f["loc"])) for f in faults if f["type"] == "missing"]
    if missing:
        return ValidationFailed(
            f"Missing: {', '.join(missing)}.", hint="Provide all of them.", field=missing[0]
        )
    fault = faults[0]
    path = [str(part) for part in fault["loc"]]
    field = ".".join(path) or None
    if fault["type"] == "extra_forbidden":
        known = sorted(schema.model_fields) if len(path) == 1 else []
        return ValidationFailed(
            "Unknown argument.",
            hint="Omit it or use one of the valid names.",
            field=plain_name(field or ""),
            valid_values=known or None,
            did_you_mean=nearest(path[-1], known),
        )
    if fault["type"] in {"literal_error", "enum"}:
        choices = _choices(schema, path)
        return ValidationFailed(
            f"{field} is not one of the valid values.",
            field=field,
            valid_values=choices or None,
            did_you_mean=nearest(str(fault["input"]), choices),
        )
    return ValidationFailed(f"{field or 'The arguments'}: {reason(fault)}.", field=field)


def _choices(schema: type[BaseModel], path: list[str]) -> list[str]:
    node: Any = input_schema(schema)
    for part in path:
        node = node.get("properties", {}).get(part) or node.get("items", {})
    only = [node["const"]] if "const" in node else []
    return [str(choice) for choice in node.get("enum", only)]


def input_schema(schema: type[BaseModel]) -> dict[str, Any]:
    """JSON Schema 2020-12 of the arguments, compact: no titles, references or null unions."""
    raw = schema.model_json_schema()
    compact: dict[str, Any] = _compact(raw, raw.get("$defs", {}))
    return compact


def _compact(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_compact(item, definitions) for item in node]
    return _compact_object(node, definitions) if isinstance(node, dict) else node


def _compact_object(node: dict[str, Any], definitions: dict[str, Any]) -> Any:
    if "$ref" in node:
        target = definitions[node["$ref"].rsplit("/", 1)[-1]]
        return _compact({**target, **{k: v for k, v in node.items() if k != "$ref"}}, definitions)
    if "anyOf" in node:
        options = [option for option in node["anyOf"] if option != {"type": "null"}]
        if len(options) == 1:
            rest = {key: value for key, value in node.items() if key != "anyOf"}
            return _compact({**options[0], **rest}, definitions)
    return {
        key: {name: _compact(part, definitions) for name, part in value.items()}
        if key == "properties"
        else _compact(value, definitions)
        for key, value in node.items()
        if not _is_noise(key, value)
    }


def _is_noise(key: str, value: Any) -> bool:
    return (
        key == "$defs"
        or (key == "title" and isinstance(value, str))
        or (key == "default" and value is None)
    )
