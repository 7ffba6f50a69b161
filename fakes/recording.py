"""What a fake server said once, to be said again: its own log, read back.

A request is equal to a recorded one when method, path and body are, but for two things that no two
conversations share: the random word of a fence (`<<<DATA word`) and the moment in the sentence
"It is ...;". Equal requests get their answers in the recorded order; the last one stays.
"""

import json
import re
from pathlib import Path
from threading import Lock
from typing import Any

_WORD = re.compile(r"<<<DATA ([0-9a-f]{16})\b")
_MOMENT = re.compile(r"\bIt is \d{4}-\d\d-\d\dT[\d:.]+Z;")
# Whoever met one of these heard no whole answer.
_UNHEARD = {"cut", "half"}

Key = tuple[str, str, str]


class Recording:
    """The answers of a log, by request."""

    def __init__(self, log: Path) -> None:
        self._lock = Lock()
        self._answers: dict[Key, list[tuple[int, Any]]] = {}
        for text in log.read_text().splitlines():
            line = json.loads(text)
            if line["fault"] not in _UNHEARD:
                key = _key(line["method"], line["path"], line["body"])
                self._answers.setdefault(key, []).append((line["status"], line["answer"]))

    def said(self, method: str, path: str, body: str) -> tuple[int, Any] | None:
        """Status and body of the next answer to an equal request; None where there was none."""
        with self._lock:
            answers = self._answers.get(_key(method, path, body))
            if not answers:
                return None
            return answers.pop(0) if len(answers) > 1 else answers[0]


def _key(method: str, path: str, body: str) -> Key:
    words = set(_WORD.findall(body))
    for word in words:
        body = body.replace(word, "word")
    return method, path, _MOMENT.sub("It is now;", body)
