"""Redacts URLs in log lines: the page stays, secrets in its link do not.

A link to join, to verify, to confirm or to unsubscribe works for anyone who has it, an OAuth
server's answer is in the query, and a search names people. So a line keeps the path, with each part
longer than our ids replaced by `...`, and no query.
"""

import re
from collections.abc import MutableMapping
from typing import Any

# The middleware's own lines say it in `request`, Django's (not found, a form too old) in `event`.
_SAID_IN = ("request", "event")
_LONGER_THAN_AN_ID = re.compile(r"(?<=/)[^\s/?]{41,}")
_QUERY = re.compile(r"(?<=\S)\?\S+")


def without_tokens(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: the line with its addresses cut."""
    for name in _SAID_IN:
        text = line.get(name)
        if isinstance(text, str) and "/" in text:
            line[name] = _QUERY.sub("", _LONGER_THAN_AN_ID.sub("...", text))
    return line
