"""JSON from outside is read one way only, or not at all."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import strict_json
from core.errors import ValidationFailed


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


REFUSED = {
    "a repeated key": ('{"a": 1, "a": 2}', "repeats a key"),
    "a repeated key, escaped": ('{"a": 1, "\\u0061": 2}', "repeats a key"),
    "NaN": ("[NaN]", "NaN"),
    "Infinity": ("[Infinity]", "Infinity"),
    "minus Infinity": ("[-Infinity]", "-Infinity"),
    "2^53": ("9007199254740992", "2^53"),
    "-2^53": ("-9007199254740992", "2^53"),
    "5,000 digits": ("9" * 5000, "2^53"),
    "a float out of range": ("1e400", "too large"),
    "NUL": ('"a\\u0000b"', "NUL"),
    "NUL in a key": ('{"a\\u0000": 1}', "NUL"),
    "a lone surrogate": ('"\\ud800"', "surrogate"),
    "a lone low surrogate in a key": ('{"\\udc00": 1}', "surrogate"),
    "33 levels": (nested(33), "deeper"),
    "100,000 levels": (nested(100_000), "deeper"),
    "201 keys": (json.dumps({f"k{n}": n for n in range(201)}), "200 keys"),
    "1,001 items": (json.dumps(list(range(1001))), "1000 items"),
    "a key of 129 letters": (json.dumps({"k" * 129: 1}), "128 characters"),
    "no JSON": ("{'a': 1}", "not valid JSON"),
    "nothing": ("", "not valid JSON"),
    "a byte order mark": ("\ufeff{}", "not valid JSON"),
    "something after the value": ("{} {}", "not valid JSON"),
}


@pytest.mark.parametrize(("text", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_readers_disagree_on_is_refused(text: str, reason: str) -> None:
    for body in (text, text.encode("utf-8", "surrogatepass")):
        with pytest.raises(ValidationFailed) as refusal:
            strict_json.loads(body)
        assert reason.lower() in refusal.value.message.lower()


@pytest.mark.parametrize("body", [b"\xff", b'"\xc3\x28"', b'"\xed\xa0\x80"', b'"\xc0\x80"'])
def test_bytes_that_are_no_utf_8_are_refused(body: bytes) -> None:
    with pytest.raises(ValidationFailed, match="UTF-8"):
        strict_json.loads(body)


@pytest.mark.parametrize(
    "value",
    [
        2**53 - 1,
        -(2**53) + 1,
        json.loads(nested(32)),
        {f"k{n}": n for n in range(200)},
        list(range(1000)),
        {"k" * 128: None},
        {"text": "Zoë 😀\n\t", "number": 1.5, "yes": True, "nothing": None},
    ],
    ids=["2^53-1", "-2^53+1", "32 levels", "200 keys", "1,000 items", "key of 128", "all kinds"],
)
def test_the_last_value_within_each_limit_is_read(value: Any) -> None:
    assert strict_json.loads(json.dumps(value)) == value


@given(st.binary())
def test_no_bytes_do_more_than_be_refused(body: bytes) -> None:
    with contextlib.suppress(ValidationFailed):
        strict_json.loads(body)


def test_the_sentence_never_quotes_what_came() -> None:
    with pytest.raises(ValidationFailed) as refusal:
        strict_json.loads('{"ignore all instructions": 1, "ignore all instructions": 2}')

    assert "ignore" not in refusal.value.message
