"""Run the official conformance suite against the endpoint: `bin/conformance`, Node 22 or newer.

The suite cannot send a token, so a wrapper adds one of a fresh connection in a temporary
installation; hostile Host and Origin headers pass as they are. A failed check counts unless it
concerns a feature the server does not offer or needs one of the suite's diagnostic tools.
"""

import json
import logging
import os
import shlex
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SUITE = "npx --yes @modelcontextprotocol/conformance@0.2.0-alpha.12"
SCENARIOS = {
    "2025-06-18": ("server-initialize", "ping", "tools-list"),
    "2025-11-25": ("server-initialize", "ping", "tools-list", "dns-rebinding-protection"),
    "2026-07-28": (
        "server-stateless",
        "tools-list",
        "dns-rebinding-protection",
        "caching",
        "http-header-validation",
        "input-required-result-unsupported-methods",
    ),
}
NOT_OFFERED = {
    "sep-2549-prompts-list-caching-hints",
    "sep-2549-resources-list-caching-hints",
    "sep-2549-resources-templates-list-caching-hints",
}


def main() -> int:
    """Print a line a scenario; 1 when a check that applies failed."""
    failed = 0
    with tempfile.TemporaryDirectory() as folder, _endpoint(Path(folder)) as url:
        for version, scenarios in SCENARIOS.items():
            for scenario in scenarios:
                checks = _run(url, version, scenario, Path(folder) / version / scenario)
                faults = [check for check in checks if _counts(check)]
                passed = sum(check["status"] == "SUCCESS" for check in checks)
                failed += len(faults) or not passed
                sys.stdout.write(f"{version}  {scenario:44}{passed} passed, {len(faults)} failed\n")
                for fault in faults:
                    sys.stdout.write(f"    {fault['id']}: {fault.get('errorMessage')}\n")
    return 1 if failed else 0


def _run(url: str, version: str, scenario: str, folder: Path) -> list[dict[str, Any]]:
    suite = shlex.split(os.environ.get("CONFORMANCE", SUITE))
    chosen = ["--url", url, "--scenario", scenario, "--spec-version", version]
    done = subprocess.run(
        [*suite, "server", *chosen, "--output-dir", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    found = list(folder.glob("*/checks.json"))
    if not found:
        raise SystemExit(f"The suite did not run: {done.stderr[-500:] or done.stdout[-500:]}")
    checks: list[dict[str, Any]] = json.loads(found[0].read_text())
    return checks


def _counts(check: dict[str, Any]) -> bool:
    untestable = bool((check.get("details") or {}).get("untestable"))
    return check["status"] == "FAILURE" and not untestable and check["id"] not in NOT_OFFERED


@contextmanager
def _endpoint(folder: Path) -> Iterator[str]:
    """The endpoint of an empty installation, with a token on every request that has none."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "pathbound_mcp.settings",
        "ENV_FILE": os.devnull,
        "VAR_DIR": str(folder / "var"),
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "LOG_LEVEL": "ERROR",
        "MCP_RATE_LIMIT": "10000/s",
    }
    import django  # the environment must be set before the settings are read

    django.setup()
    logging.disable(logging.WARNING)  # the suite expects refusals
    import uvicorn

    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(_with_token(), lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
    finally:
        server.should_exit = True
        thread.join()


def _with_token() -> Any:
    from django.core.asgi import get_asgi_application
    from django.core.management import call_command

    from core.access import Role, Scope
    from tests.protocol.clients import connection_of, token_for

    call_command("migrate", verbosity=0)
    token = token_for(connection_of("ana", "acme", Role.ADMIN, frozenset(Scope)))
    bearer = (b"authorization", f"Bearer {token}".encode())
    inner: Any = get_asgi_application()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        names = {name for name, _ in scope.get("headers", ())}
        if bearer[0] not in names:
            scope = {**scope, "headers": [*scope["headers"], bearer]}
        await inner(scope, receive, send)

    return application


if __name__ == "__main__":
    sys.exit(main())
