"""`make mutants`: every row of the table is one result, killed or not, in place of the tests.

    .venv/bin/python -m pytest -n 2 -q -p tests.mutants.plugin [-k "lease or scope"]

`-k` looks at the rows' names. The tests a row names run in this process, with their fixtures, once
as the code is (once a process for each test), then with the row's variant. The row passes when
every one of them passes first and fails then, in the test itself: a fixture that breaks, a test
that is skipped, or a variant that is no working code proves nothing and is a failure of the row.

Name tests that are fast. A mail server or a fake that one starts is another process and has the
code as it is. What a cache of this process keeps outlives a row: break what no cache keeps.
"""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from tests.mutants.engine import Row, Unfit, applied, named_tests
from tests.mutants.table import TABLE

# The variant is no working code, which is not what the test looks for.
_NO_WORKING_CODE = (NameError, ImportError, SyntaxError)
_RAISED = pytest.StashKey[BaseException | None]()
_SOUND = pytest.StashKey[str]()


def pytest_configure(config: pytest.Config) -> None:
    """Collect the files of the named tests and nothing else."""
    files = {test.partition("::")[0] for row in TABLE for test in named_tests(row)}
    config.args = sorted(file for file in files if (config.rootpath / file).exists())


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    """Rows in place of tests; like these, those that empty the tables come last."""
    rows = [RowItem.from_parent(session, row=row, collected=items) for row in TABLE]
    places = {item.nodeid: place for place, item in enumerate(items)}
    rows.sort(key=lambda row: max((places[item.nodeid] for item in row.tests), default=0))
    items[:] = rows


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep what a test raised; a report has only its text."""
    if call.when == "call" and call.excinfo is not None:
        item.stash[_RAISED] = call.excinfo.value
    return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> bool:
    """One report for a row; pytest's own protocol is for the tests inside."""
    here = {"nodeid": item.nodeid, "location": item.location}
    item.ihook.pytest_runtest_logstart(**here)
    call = pytest.CallInfo.from_call(item.runtest, when="call", reraise=(KeyboardInterrupt,))
    item.ihook.pytest_runtest_logreport(report=pytest.TestReport.from_item_and_call(item, call))
    item.ihook.pytest_runtest_logfinish(**here)
    return True


class RowItem(pytest.Item):
    """One row of the table, as pytest runs it."""

    def __init__(self, *, row: Row, collected: list[pytest.Item], **rest: Any) -> None:
        super().__init__(name=row.name, nodeid=f"mutants::{row.name}", **rest)
        self.add_marker(pytest.mark.django_db)  # pytest-django makes a database for who has it
        self.row = row
        cells = {test: _cells(test, collected) for test in named_tests(row)}
        self.missing = [test for test, found in cells.items() if not found]
        self.tests = [item for found in cells.values() for item in found]

    def runtest(self) -> None:
        """Apply, try, restore."""
        faults = [f"there is no {test}" for test in self.missing]
        faults = faults or self._faults(_sound)
        if not faults:
            try:
                with applied(self.row):
                    faults = self._faults(_noticed)
            except Unfit as unfit:
                faults = [str(unfit)]
        if faults:
            pytest.fail("\n".join(faults), pytrace=False)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Where it says so."""
        return Path(__file__).with_name("table.py"), None, self.row.name

    def _faults(self, look: Callable[["RowItem", pytest.Item], str]) -> list[str]:
        return [fault for test in self.tests if (fault := look(self, test))]


def _cells(test: str, collected: list[pytest.Item]) -> list[pytest.Item]:
    """The collected items of a node id: a test, or a cell of it in brackets."""
    return [item for item in collected if test in {item.nodeid, item.nodeid.partition("[")[0]}]


def _sound(row: RowItem, test: pytest.Item) -> str:
    """What is wrong with the test while the code is as it is; asked once in a process."""
    if _SOUND not in test.stash:
        call, _ = _tried(row, test)
        test.stash[_SOUND] = "" if call == "passed" else f"{test.nodeid} {call} without the change"
    return test.stash[_SOUND]


def _noticed(row: RowItem, test: pytest.Item) -> str:
    """What keeps the test's failure from being a proof; nothing where it is one."""
    call, errors = _tried(row, test)
    broken = next((error for error in errors if isinstance(error, _NO_WORKING_CODE)), None)
    if broken is not None:
        return f"the new text is no working code: {broken!r}"
    return {"failed": "", "passed": f"survives {test.nodeid}"}.get(call, f"{test.nodeid} {call}")


def _tried(row: RowItem, test: pytest.Item) -> tuple[str, list[BaseException]]:
    """Run a test with its fixtures: how its own part ended, and the errors it ended with.

    All fixtures but the session's are taken down, since the row is what pytest hears comes next.
    """
    test.stash[_RAISED] = None
    reports = runtestprotocol(test, log=False, nextitem=row)
    call = next((report for report in reports if report.when == "call"), None)
    outcome = call.outcome if call else f"did not begin ({reports[0].outcome})"
    return outcome, list(_chain(test.stash[_RAISED]))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and those it was raised from or because of."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
