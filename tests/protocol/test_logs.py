"""One line a call: who, what, how long, how it ended, and never what was said."""

from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from tests.protocol import samples
from tests.protocol.clients import Connect

pytestmark = pytest.mark.django_db

SECRET = "ana@example.test wants 12"


@pytest.mark.parametrize(
    ("tool", "outcome"),
    [
        (samples.ECHO, "ok"),
        (samples.CRASH, "unavailable"),
        (samples.EVENTS, "insufficient_scope"),
    ],
)
def test_a_call_is_logged_without_its_arguments(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, tool: str, outcome: str
) -> None:
    from pathbound_mcp.protocol import tool_calls

    client = connect()
    with capture_logs() as lines:
        monkeypatch.setattr(tool_calls, "log", structlog.get_logger("fresh"))
        client.call(tool, {"text": SECRET})
    found = [line for line in lines if line["event"] == "mcp.call"]
    assert len(found) == 1
    line: Any = found[0]
    assert (line["tool"], line["outcome"]) == (tool, outcome)
    assert (line["workspace"], line["user"]) == (client.workspace_id, client.user_id)
    assert line["client"] == "app.example.test"
    assert line["ms"] >= 0
    assert line["request_id"]
    assert SECRET not in str(lines)
