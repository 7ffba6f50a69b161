"""The project's functions that a block of code enters."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from pathbound_mcp.env import ROOT

_OURS = f"{ROOT}/"
_NOT_OURS = (f"{ROOT}/.venv", f"{ROOT}/tests")


@contextmanager
def entered() -> Iterator[list[tuple[str, str]]]:
    """The (file, function) pairs entered within the block, in any thread, in order."""
    found: list[tuple[str, str]] = []

    def note(frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        path = code.co_filename
        is_ours = path.startswith(_OURS) and not path.startswith(_NOT_OURS)
        if event == "call" and is_ours and code.co_name != "<module>":
            found.append((path.removeprefix(_OURS), code.co_qualname))

    before = sys.getprofile()
    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield found
    finally:
        sys.setprofile(before)
        threading.setprofile(None)
