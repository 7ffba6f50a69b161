from collections.abc import Iterator
from typing import Any

import pytest

from tests.protocol.sessions import base_url

__all__ = ["base_url"]


@pytest.fixture(autouse=True)
def _sample_tools(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from tests.protocol.clients import sample_tools  # needs Django, which comes after this file

    with sample_tools(monkeypatch):
        yield


@pytest.fixture
def connect() -> Any:
    """Connects an app: `connect(MODERN, role=..., scopes=...)` gives its client."""
    from tests.protocol.clients import connected

    return connected
