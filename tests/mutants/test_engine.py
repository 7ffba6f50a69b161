"""The engine of the broken variants, and that every row still fits the code."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from pathlib import Path
from typing import Any

import pytest

from tests.mutants import table
from tests.mutants.engine import Constant, Mutant, Row, Unfit, applied, named_tests

HERE = "tests.mutants.test_engine"
ROOT = Path(__file__).parents[2]
LIMIT = 3


def _decorated(function: Callable[..., str]) -> Callable[..., str]:
    @wraps(function)
    def called(*given: Any) -> str:
        return function(*given)

    return called


@_decorated
def greeting(name: str) -> str:
    return f"hello {name}" if name else "hello hello"


class Base:
    def said(self) -> str:
        return "base"


class Sample(Base):
    def said(self) -> str:
        return f"sample of {super().said()}"

    @property
    def named(self) -> str:
        return "named"

    @cached_property
    def kept(self) -> str:
        return "kept"

    @classmethod
    def made(cls) -> str:
        return "made"

    @staticmethod
    def still(number: int) -> bool:
        return number < LIMIT


@dataclass(frozen=True)
class Declared:
    """As an operation holds its function."""

    function: Callable[[], str]


def _declared() -> str:
    return "declared"


DECLARED = Declared(_declared)


def mutant(target: str, old: str, new: str) -> Mutant:
    return Mutant("any", f"{HERE}.{target}", old, new, "")


@pytest.mark.parametrize(
    ("row", "ask", "before", "within"),
    [
        (mutant("greeting", "{name}", "you"), lambda: greeting("Ana"), "hello Ana", "hello you"),
        (
            mutant("Sample.said", "sample of", "no"),
            lambda: Sample().said(),
            "sample of base",
            "no base",
        ),
        (mutant("Sample.named", '"named"', '"x"'), lambda: Sample().named, "named", "x"),
        (mutant("Sample.kept", '"kept"', '"x"'), lambda: Sample().kept, "kept", "x"),
        (mutant("Sample.made", '"made"', '"x"'), Sample.made, "made", "x"),
        (mutant("Sample.still", "<", "<="), lambda: Sample.still(3), False, True),
        (mutant("DECLARED", '"declared"', '"x"'), DECLARED.function, "declared", "x"),
        (Constant("any", (f"{HERE}.LIMIT",), 4, ""), lambda: Sample.still(3), False, True),
    ],
)
def test_the_code_is_another_within_the_block_only(
    row: Row, ask: Callable[[], object], before: object, within: object
) -> None:
    assert ask() == before
    with applied(row):
        assert ask() == within
    assert ask() == before


def test_the_code_comes_back_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), applied(mutant("greeting", "{name}", "you")):
        raise ZeroDivisionError
    assert greeting("Ana") == "hello Ana"


@pytest.mark.parametrize(
    ("row", "word"),
    [
        (mutant("greeting", "goodbye", "x"), "0 times"),
        (mutant("greeting", "hello", "x"), "3 times"),
        (mutant("nothing", "a", "b"), "there is no"),
        (mutant("LIMIT", "a", "b"), "is no function"),
        (mutant("greeting", "return f", "return ("), "does not compile"),
        (mutant("greeting", "{name}", "{nobody_is_called_so}"), "nobody_is_called_so"),
        (mutant("Sample.said", "super().said()", "1"), "enclosing"),
        (mutant("Sample.made", "def made", "def remade"), "not there any more"),
        (Constant("any", (f"{HERE}.NOTHING",), 1, ""), "has no NOTHING"),
        (Constant("any", ("tests.nothing.LIMIT",), 1, ""), "there is no"),
    ],
)
def test_a_row_that_does_not_fit_is_refused(row: Row, word: str) -> None:
    with pytest.raises(Unfit, match=word), applied(row):
        pass


def test_rows_have_names_of_their_own() -> None:
    names = [row.name for row in table.TABLE]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("row", table.TABLE, ids=lambda row: row.name)
def test_a_row_fits_the_code_and_its_tests_exist(row: Row) -> None:
    with applied(row):
        pass
    for test in named_tests(row):
        file, _, name = test.partition("[")[0].partition("::")
        assert re.search(rf"def {name.split('::')[-1]}\(", (ROOT / file).read_text()), test


def test_the_cells_that_rows_name_exist(request: pytest.FixtureRequest) -> None:
    """Asked of every file that this run collected whole; `make test` collects all that matter."""
    if request.config.option.keyword or any("::" in given for given in request.config.args):
        pytest.skip("a part of the tests was collected")
    ids = [item.nodeid for item in request.session.items]
    files = {each.partition("::")[0] for each in ids}
    named = {test for row in table.TABLE for test in named_tests(row)}
    missing = [
        test
        for test in sorted(named)
        if test.partition("::")[0] in files
        and not any(each == test or each.startswith((f"{test}[", f"{test}@")) for each in ids)
    ]
    assert missing == []
