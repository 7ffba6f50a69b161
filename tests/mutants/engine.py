"""Put a broken variant in the place of the code, in this process, and take it away again.

A variant is one row of the table: a text inside one function and what stands there instead. The
function keeps its identity and gets another code object, so whoever imported it calls the variant.
What only runs once has run by then: defaults, decorators, what a module builds when it is imported
and what a cache remembers. For a value, `Constant` names each place that holds it.
"""

import builtins
import dis
import inspect
import linecache
import pkgutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

# What leads to the function: decorators, methods, properties, operations, in the order of asking.
_WITHIN = ("__wrapped__", "__func__", "fget", "func", "function")


class Unfit(Exception):
    """A row that does not fit the code; the text says why."""


@dataclass(frozen=True)
class Mutant:
    """`old` stands once in the function at the path `target`; the tests `fails` miss it there.

    A test without its cell in brackets stands for all its cells, and every one has to fail.
    """

    name: str
    target: str
    old: str
    new: str
    fails: str | tuple[str, ...]


@dataclass(frozen=True)
class Constant:
    """Each of the `targets`, names of modules or attributes of classes, holds `value` instead."""

    name: str
    targets: tuple[str, ...]
    value: Any
    fails: str | tuple[str, ...]


Row = Mutant | Constant


def named_tests(row: Row) -> tuple[str, ...]:
    """The node ids a row names."""
    return (row.fails,) if isinstance(row.fails, str) else row.fails


@contextmanager
def applied(row: Row) -> Iterator[None]:
    """The code as the row has it, within the block."""
    with ExitStack() as stack:
        if isinstance(row, Mutant):
            stack.enter_context(_code_of(row))
        else:
            for target in row.targets:
                stack.enter_context(_value_at(target, row.value))
        yield


@contextmanager
def _code_of(row: Mutant) -> Iterator[None]:
    function = function_at(row.target)
    kept = function.__code__
    function.__code__ = _variant(row, function)
    try:
        yield
    finally:
        function.__code__ = kept


@contextmanager
def _value_at(target: str, value: Any) -> Iterator[None]:
    holder, _, name = target.rpartition(".")
    owner = _found(holder)
    if name not in vars(owner):
        raise Unfit(f"{holder} has no {name}")
    kept = vars(owner)[name]
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, kept)


def function_at(target: str) -> FunctionType:
    """The function itself at a dotted path, under whatever is wrapped around it."""
    found = _found(target)
    while inner := next(filter(None, (getattr(found, name, None) for name in _WITHIN)), None):
        found = inner
    if not isinstance(found, FunctionType):
        raise Unfit(f"{target} is no function")
    return found


def _found(path: str) -> Any:
    try:
        return pkgutil.resolve_name(path)
    except (ImportError, AttributeError, ValueError) as error:
        raise Unfit(f"there is no {path}: {error}") from error


def _variant(row: Mutant, function: FunctionType) -> CodeType:
    """The code of the function with `new` for `old`.

    The whole file is compiled and the function's part taken from it: only there do `super()` and
    names of enclosing functions mean what they mean.
    """
    code = function.__code__
    lines, start = inspect.getsourcelines(function)
    text = "".join(lines)
    if (number := text.count(row.old)) != 1:
        raise Unfit(f"{row.target} holds the old text {number} times: {row.old!r}")
    file = linecache.getlines(code.co_filename)
    after = start - 1 + len(lines)
    changed = [*file[: start - 1], text.replace(row.old, row.new), *file[after:]]
    try:
        whole = compile("".join(changed), code.co_filename, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise Unfit(f"{row.target} does not compile with the new text: {error}") from error
    variant = next((part for part in _parts(whole) if _place(part) == _place(code)), None)
    if variant is None:
        raise Unfit(f"{row.target} is not there any more with the new text")
    _check_names(row, variant, function)
    return variant


def _place(code: CodeType) -> tuple[str, int]:
    return code.co_qualname, code.co_firstlineno


def _parts(code: CodeType) -> Iterator[CodeType]:
    """A code object and all that are inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _parts(constant)


def _check_names(row: Mutant, variant: CodeType, function: FunctionType) -> None:
    """A name the module does not have would fail any test, and prove nothing."""
    if variant.co_freevars != function.__code__.co_freevars:
        raise Unfit(f"{row.target} needs other names of its enclosing function with the new text")
    known = {*function.__globals__, *vars(builtins)}
    for part in _parts(variant):
        for step in dis.get_instructions(part):
            if step.opname == "LOAD_GLOBAL" and step.argval not in known:
                raise Unfit(f"{row.target} has no {step.argval}, which the new text names")
