"""A process inside an installation that calls functions for a test outside of it.

It reads a JSON object a line and writes one back, so that Django is set up once and not once a
call. `Helper` is the test's side of it; `python -m tests.helper` the installation's.
"""

import json
import os
import select
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from pkgutil import resolve_name
from typing import IO, ParamSpec, TypeVar

import django

ROOT = Path(__file__).parent.parent
PATIENCE = 300.0  # only bounds a hanging call

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


class Helper:
    """A started helper; it ends with its standard input."""

    def __init__(self, environment: dict[str, str], log: IO[bytes]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.helper"],
            env=environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )

    def do(
        self, function: Callable[Given, Answer], *args: Given.args, **kwargs: Given.kwargs
    ) -> Answer:
        """Call a function of a module there; arguments and result are JSON."""
        name = f"{function.__module__}:{function.__qualname__}"
        told, heard = self._process.stdin, self._process.stdout
        assert told is not None
        assert heard is not None
        told.write(json.dumps({"call": name, "args": args, "kwargs": kwargs}) + "\n")
        told.flush()
        assert select.select([heard], [], [], PATIENCE)[0], f"{name} did not answer"
        line = heard.readline()
        assert line, f"the helper ended in {name}; see its log"
        said = json.loads(line)
        assert "error" not in said, said["error"]
        answer: Answer = said["answer"]
        return answer

    def stop(self) -> None:
        """Stop it."""
        self._process.communicate(timeout=PATIENCE)


def serve(calls: IO[str], answers: IO[str]) -> None:
    """Answer every line until there are no more."""
    from django.db import close_old_connections

    for line in calls:
        said = json.loads(line)
        try:
            function = resolve_name(said["call"])
            answer = json.dumps({"answer": function(*said["args"], **said["kwargs"])}, default=str)
        except Exception:  # noqa: BLE001 - the test gets to see it
            answer = json.dumps({"error": traceback.format_exc()})
        close_old_connections()
        answers.write(f"{answer}\n")
        answers.flush()


if __name__ == "__main__":
    with os.fdopen(os.dup(1), "w") as only_answers:
        os.dup2(2, 1)  # output goes to the log
        django.setup()
        serve(sys.stdin, only_answers)
