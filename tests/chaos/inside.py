"""The inside of an installation under test: loads the project once, then forks on request.

Each line of standard input is a command as JSON; the answer is the process id started. A fork of
the loaded project starts in milliseconds, so that a kill every second is cheap.

    {"do": "dispatch"}              the command `dispatch`, loaded
    {"do": "exec", "command": []}   python with these arguments
    {"do": "people", ...}           tests.chaos.people
    {"do": "ledger", "to": FILE}    tests.chaos.ledger
"""

import json
import os
import signal
import sys
import traceback
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402 - after setup
from django.core.management import call_command  # noqa: E402

from tests.chaos import ledger, people  # noqa: E402


def main() -> None:
    """Answer commands until standard input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # killed children are reaped automatically
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    say({"pid": os.getpid()})
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            become(json.loads(line))
        say({"pid": pid})


def become(asked: dict[str, Any]) -> None:
    """Run the requested child until it ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)  # its output is not an answer
    status = 1
    try:
        do(asked)
        status = 0
    except Exception:  # noqa: BLE001 - the outermost edge of this process: why it ended stands in the log
        traceback.print_exc()
    finally:
        os._exit(status)  # the parent's cleanup does not run here


def do(asked: dict[str, Any]) -> None:
    """Run a command."""
    match asked.pop("do"):
        case "dispatch":
            call_command("dispatch")
        case "exec":
            os.execv(sys.executable, [sys.executable, *asked["command"]])  # noqa: S606 - ours
        case "people":
            people.act(**asked)
        case "ledger":
            ledger.write(**asked)


def say(answer: dict[str, Any]) -> None:
    """One line."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
