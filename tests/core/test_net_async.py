"""The way out for the MCP client: the same addresses, one deadline, one cap."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import anyio
import httpx2
import pytest
from django.test import override_settings

from core import net_async
from core.errors import ValidationFailed

LONG = b"x" * 5000


class Handler(BaseHTTPRequestHandler):
    """Answers by its path."""

    def do_GET(self) -> None:
        """Answer, forward elsewhere, or never end."""
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "http://10.0.0.1/")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        if self.path == "/drip":
            self._drip()
            return
        self.wfile.write(LONG if self.path == "/long" else b"hello")

    def _drip(self) -> None:
        ended = threading.Event()
        while not ended.wait(0.05):
            try:
                self.wfile.write(b".")
                self.wfile.flush()
            except OSError:
                ended.set()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def place() -> Iterator[str]:
    with serving() as found:
        yield found


def get(url: str, **facts: float) -> httpx2.Response:
    async def run() -> httpx2.Response:
        async with net_async.client(**facts) as http:  # type: ignore[arg-type]
            return await http.get(url)

    return anyio.run(run)


def test_an_allowed_host_is_reached(place: str) -> None:
    with override_settings(OUTBOUND_PRIVATE_HOSTS=[place]):
        assert get(f"http://{place}/").text == "hello"


@pytest.mark.parametrize("url", ["http://{place}/", "http://example.com/", "ftp://example.com/"])
def test_plain_http_is_refused(place: str, url: str) -> None:
    with pytest.raises(ValidationFailed, match="Only https"):
        get(url.format(place=place))


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "[::1]", "169.254.169.254", "localhost"])
def test_an_address_inside_is_refused(host: str) -> None:
    with pytest.raises(ValidationFailed, match="not on the public internet"):
        get(f"https://{host}/")


def test_a_redirect_is_not_followed(place: str) -> None:
    with override_settings(OUTBOUND_PRIVATE_HOSTS=[place]):
        assert get(f"http://{place}/away").status_code == 302


def test_a_long_answer_is_cut_off(place: str) -> None:
    with (
        override_settings(OUTBOUND_PRIVATE_HOSTS=[place]),
        pytest.raises(httpx2.ReadError, match="too long"),
    ):
        get(f"http://{place}/long", max_bytes=4000)


def test_an_answer_that_never_ends_ends_with_the_deadline(place: str) -> None:
    with override_settings(OUTBOUND_PRIVATE_HOSTS=[place]), pytest.raises(httpx2.ReadError):
        get(f"http://{place}/drip", total_seconds=1)
