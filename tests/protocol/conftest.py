from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _sample_endpoint(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[None]:
    from tests.protocol.clients import sample_endpoint  # needs Django, which comes after this file

    settings.ROOT_URLCONF = "tests.protocol.urls"
    with sample_endpoint(monkeypatch):
        yield


@pytest.fixture
def connect() -> Any:
    """Connects an app: `connect(MODERN, role=..., scopes=...)` gives its client."""
    from tests.protocol.clients import connected

    return connected
