"""Arguments made from each tool's schema, some fitting and some not: an answer, or an AppError.

FUZZ_EXAMPLES calls a tool.
"""

import os
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import AppError
from tests import factories
from tests.scenario import Scenario, scenario_at
from tools import catalog
from tools.base import Tool

pytestmark = pytest.mark.slow

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "5"))
WORDS = st.text(max_size=12) | st.sampled_from(
    ["\x00", "\ud800", "\u202e", "' OR 1=1 --", "%", "_"]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture
def scenario(db: None) -> Scenario:
    return scenario_at(factories.workspace())


def fitting(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values of about the shape the schema names."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    made: dict[str, st.SearchStrategy[Any]] = {
        "integer": st.integers(schema.get("minimum", 0), schema.get("maximum", 1000)),
        "number": st.floats(allow_nan=False, allow_infinity=False),
        "boolean": st.booleans(),
        "string": st.text(max_size=min(schema.get("maxLength", 20), 20)),
        "object": st.dictionaries(st.from_regex(r"\A[a-z]{1,8}\Z"), ANYTHING, max_size=4),
    }
    if schema.get("type") == "array":
        return st.lists(fitting(schema.get("items", {})), max_size=3)
    return made.get(str(schema.get("type")), ANYTHING)


@pytest.mark.parametrize("tool", catalog.all_tools().values(), ids=lambda tool: tool.name)
def test_whatever_a_tool_is_given_it_answers_or_refuses(scenario: Scenario, tool: Tool) -> None:
    properties, example = tool.input_schema["properties"], scenario.put(tool.examples[0])
    changed = st.fixed_dictionaries(
        {}, optional={name: fitting(part) | ANYTHING for name, part in properties.items()}
    )

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(changes=changed)
    def run(changes: dict[str, Any]) -> None:
        for arguments in ({**example, **changes}, changes):
            with suppress(AppError):
                assert isinstance(tool.call(scenario.actor, arguments), dict)

    run()
