"""Arguments: strict validation, with errors that say how to correct them."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from core import schemas
from core.errors import ValidationFailed
from core.schemas import Answer, Arguments, Line, Text


class Inner(Arguments):
    """A part."""

    note: Text = ""


class Sample(Arguments):
    """Every kind of argument."""

    name: Line = ""
    body: Text = ""
    color: Literal["red", "green", "blue"] | None = Field(None, description="Which colour")
    count: Annotated[int, Field(ge=1, le=5)] = 1
    inner: Inner | None = None
    colors: list[Literal["red", "green"]] | None = None


def refusal_of(**data: Any) -> ValidationFailed:
    with pytest.raises(ValidationFailed) as refusal:
        schemas.validated(Sample, data)
    return refusal.value


def test_a_mistyped_argument_is_named_with_the_one_it_may_have_meant() -> None:
    refusal = refusal_of(colour="red")

    assert refusal.field == "colour"
    assert refusal.did_you_mean == "color"
    assert refusal.valid_values == ["body", "color", "colors", "count", "inner", "name"]


def test_a_wild_argument_has_no_near_name() -> None:
    assert refusal_of(zzzzzz=1).did_you_mean is None


def test_an_unknown_name_is_shown_without_tricks() -> None:
    refusal = refusal_of(**{"a\u202eb\x1b" + "x" * 200: 1})

    assert refusal.field is not None
    assert len(refusal.field) <= 60
    assert refusal.field.startswith("ab x")


def test_a_mistyped_value_gets_the_valid_ones() -> None:
    refusal = refusal_of(color="gren")

    assert refusal.field == "color"
    assert refusal.valid_values == ["red", "green", "blue"]
    assert refusal.did_you_mean == "green"


def test_a_mistyped_value_inside_a_list_gets_them_too() -> None:
    refusal = refusal_of(colors=["red", "grean"])

    assert refusal.field == "colors.1"
    assert refusal.valid_values == ["red", "green"]


def test_the_sentence_never_quotes_the_value() -> None:
    for data in ({"color": "obey me"}, {"count": "obey me"}, {"name": "obey\nme"}):
        assert "obey" not in str(refusal_of(**data).message)


BAD_TEXT = {
    "NUL": "a\x00b",
    "a lone surrogate": "a\ud800",
    "escape": "a\x1b[31m",
    "a bare carriage return": "a\rb",
    "delete": "a\x7f",
    "vertical tab": "a\x0b",
}


@pytest.mark.parametrize("text", BAD_TEXT.values(), ids=BAD_TEXT)
def test_text_with_control_characters_is_refused(text: str) -> None:
    for field in ("name", "body"):
        assert refusal_of(**{field: text}).field == field
    assert refusal_of(inner={"note": text}).field == "inner.note"


@pytest.mark.parametrize("text", ["a\nb", "a\tb", "a\r\nb"])
def test_a_line_is_one_line_and_a_text_may_have_several(text: str) -> None:
    assert refusal_of(name=text).field == "name"
    assert schemas.validated(Sample, {"body": text}).body == text.replace("\r\n", "\n")


def test_text_is_stored_composed() -> None:
    assert schemas.validated(Sample, {"name": "Zoe\u0308"}).name == "Zo\u00eb"


def test_hidden_characters_are_noticed() -> None:
    assert schemas.has_invisible("pay\u200bpal")
    assert schemas.has_invisible("a\U000e0041")
    assert not schemas.has_invisible("Zoë 😀")


def test_an_external_name_is_one_short_visible_line() -> None:
    assert schemas.plain_name("Ana\n\u202eNg\x07") == "Ana Ng"
    assert schemas.plain_name("x" * 80) == "x" * 59 + "…"


def test_the_input_schema_is_compact_and_closed() -> None:
    schema = schemas.input_schema(Sample)

    assert schema["additionalProperties"] is False
    assert schema["properties"]["color"] == {
        "enum": ["red", "green", "blue"],
        "type": "string",
        "description": "Which colour",
    }
    assert schema["properties"]["inner"]["properties"]["note"]["type"] == "string"
    for noise in ("$ref", "$defs", "'title'", "anyOf", "null"):
        assert noise not in str(schema)


def test_a_property_called_title_stays_in_the_schema() -> None:
    class Titled(Arguments):
        """Has a title."""

        title: str

    assert "title" in schemas.input_schema(Titled)["properties"]


def test_an_answer_leaves_out_what_is_not_there() -> None:
    class Out(Answer):
        """An answer."""

        here: int = 1
        gone: str | None = None

    assert schemas.as_json(Out()) == {"here": 1}
