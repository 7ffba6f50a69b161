"""A run's console output: progress, errors, and addresses."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

from pathbound_mcp.env import Environment

_ERROR_LINE = re.compile(r"\[(error|critical) *\]|\"level\": ?\"(error|critical)\"")


def print_line(sentence: str) -> None:
    """One line, at once."""
    print(sentence, flush=True)


def say_ready(settings: Environment, logins: list[dict[str, str]], seconds: float) -> None:
    """Where people and apps find the running system."""
    base = settings.base_url
    lines = [f"Ready after {seconds:.0f} s.", "", f"  Dashboard  {base}/"]
    lines.append(f"  MCP        {base}/mcp")
    if settings.DEMO:
        lines.append(f"  Sent mail  {base}/dev/mail/")
    lines += _login_lines(logins)
    lines += ["", f"Logs are in {settings.VAR_DIR / 'log'}. Ctrl-C stops everything."]
    print_line("\n".join(lines))


def _login_lines(logins: list[dict[str, str]]) -> Iterable[str]:
    if logins:
        yield ""
    for login in logins:
        yield f"  {login['email']:<18} {login['password']:<20} {login['role']}"


def write_run_file(path: Path, facts: dict[str, object]) -> None:
    """Replace run.json atomically: no reader sees half of it."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(facts, indent=2) + "\n")
    fresh.replace(path)


class ErrorLines:
    """The error lines that processes write into their logs from now on."""

    def __init__(self, logs: dict[str, Path]) -> None:
        self._logs = logs
        self._read = {name: _size(path) for name, path in logs.items()}

    def fresh(self) -> list[str]:
        """New error lines, each with its process's name in front."""
        return [line for name in self._logs for line in self._fresh_of(name)]

    def _fresh_of(self, name: str) -> list[str]:
        path, start = self._logs[name], self._read[name]
        if _size(path) <= start:
            return []
        with path.open("rb") as log:
            log.seek(start)
            text = log.read(65_536)
        whole = text[: text.rfind(b"\n") + 1] or text
        self._read[name] = start + len(whole)
        lines = whole.decode("utf-8", "replace").splitlines()
        return [f"{name}: {line[:300]}" for line in lines if _ERROR_LINE.search(line)]


def last_lines(log: Path, count: int = 8) -> str:
    """The end of a log file, indented."""
    lines = log.read_text(errors="replace").splitlines()[-count:] if log.exists() else []
    return "\n".join(f"    {line[:300]}" for line in lines)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
