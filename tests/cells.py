"""A matrix as one test: its cells run in turn, and every failing cell is reported.

As `pytest.mark.parametrize`, but the fixtures are made once for all cells, the main cost of a
matrix of some hundred requests. A cell's database changes are rolled back before the next.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from _pytest.mark import ParameterSet
from django.core.cache import cache
from django.db import transaction


def each(
    names: str | Sequence[str],
    values: Iterable[Any],
    ids: Callable[[Any], object] | Sequence[str] = repr,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run the test for each of `values`, given as the argument, or arguments, `names`."""
    keys = [names] if isinstance(names, str) else list(names)
    cells = [_cell(keys, isinstance(names, str), value) for value in values]
    assert cells, "a matrix without cells proves nothing"
    if callable(ids):
        labels = [" · ".join(str(ids(value)) for value in cell.values()) for cell in cells]
    else:
        labels = list(ids)

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        def run(request: pytest.FixtureRequest, **given: Any) -> None:
            failures: list[Exception] = []
            for label, cell in zip(labels, cells, strict=True):
                try:
                    with _undone(request):
                        test(**_wanted(test, {"request": request} | given), **cell)
                except (Exception, pytest.fail.Exception) as failure:  # noqa: BLE001 - any cell's
                    failures.append(_named(failure, label))
            if failures:
                raise ExceptionGroup(f"{len(failures)} of {len(cells)} cells failed", failures)

        _look_like(run, test, keys)
        return run

    return decorate


def _cell(keys: list[str], single: bool, value: Any) -> dict[str, Any]:
    if isinstance(value, ParameterSet):
        return dict(zip(keys, value.values, strict=True))
    return dict(zip(keys, [value] if single else value, strict=True))


def _named(failure: BaseException, cell: str) -> Exception:
    """The failure with its cell's name, as something a group can hold."""
    failure.add_note(f"in the cell {cell}")
    if isinstance(failure, Exception):
        return failure
    held = AssertionError(f"{failure} (in the cell {cell})")
    held.__traceback__ = failure.__traceback__
    return held


def _wanted(test: Callable[..., None], given: dict[str, Any]) -> dict[str, Any]:
    names = inspect.signature(test).parameters
    return {name: value for name, value in given.items() if name in names}


def _look_like(run: Any, test: Any, taken: list[str]) -> None:
    """Give `run` the name, the marks and the fixtures of `test`."""
    run.__name__, run.__doc__, run.__module__ = test.__name__, test.__doc__, test.__module__
    run.pytestmark = getattr(test, "pytestmark", [])
    kept = [p for p in inspect.signature(test).parameters.values() if p.name not in taken]
    own = [p for p in inspect.signature(run).parameters.values() if p.kind is not p.VAR_KEYWORD]
    known = {p.name for p in kept}
    run.__signature__ = inspect.Signature([*kept, *(p for p in own if p.name not in known)])


@contextmanager
def _undone(request: pytest.FixtureRequest) -> Iterator[None]:
    marked = request.node.get_closest_marker("django_db")
    if marked is None and "db" not in request.fixturenames:
        yield
        return
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    cache.clear()
