import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest


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


@pytest.fixture
def base_url() -> Iterator[str]:
    """A server on a port of its own; it listens before it serves, so nobody waits for it."""
    import uvicorn
    from django.core.asgi import get_asgi_application

    listening = socket.create_server(("127.0.0.1", 0))
    application: Any = get_asgi_application()
    server = uvicorn.Server(uvicorn.Config(application, lifespan="off", log_config=None))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listening.close()
