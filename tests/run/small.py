"""A run of the real supervisor over small programs, started in milliseconds and without Django.

`python -m tests.run.small '{"prepare": CODE, "programs": {"name": CODE}}'`, where each CODE is
Python; what is left out prepares at once and runs a web server and a program that sleeps.
"""

import json
import os
import sys

from pathbound_mcp import env
from pathbound_mcp.env import Environment
from pathbound_mcp.supervisor import loop
from pathbound_mcp.supervisor.plan import Plan, Program

SLEEPS = "import time; time.sleep(3600)"
_PREPARES = """print('{"logins": []}')"""
_SERVES = """
import socket, sys
listener = socket.socket(fileno=int(sys.argv[1]))
while True:
    client, _ = listener.accept()
    client.recv(65536)
    client.sendall(b"HTTP/1.0 200 OK\\r\\n\\r\\n")
    client.close()
"""


def main() -> None:
    """Run until Ctrl-C or SIGTERM, as `python -m pathbound_mcp.supervisor` does."""
    wanted = json.loads(sys.argv[1])
    codes: dict[str, str] = {"helper": SLEEPS, **wanted.get("programs", {})}

    def make(settings: Environment, listener: int) -> Plan:
        web = Program("web", [*_python(_SERVES), str(listener)], (listener,))
        return Plan(
            settings=settings,
            prepare=_python(wanted.get("prepare", _PREPARES)),
            programs=[web, *(Program(name, _python(code)) for name, code in codes.items())],
            health_url=f"http://127.0.0.1:{settings.PORT}/",
            environ=dict(os.environ),
            pause_seconds=0.01,
        )

    loop.run(env.load(), make)


def _python(code: str) -> list[str]:
    return [sys.executable, "-S", "-c", code]


if __name__ == "__main__":
    main()
