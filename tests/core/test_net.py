"""The way out: judged addresses only, the very ones that were judged, in bounded time and size."""

import http.server
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from core import net
from core.errors import Unavailable, ValidationFailed

REFUSED = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",  # noqa: S104
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.8",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:7f00:1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::7f00:1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%lo",
    "2606:4700::1111%lo",
    "fec0::1",
    "ff02::1",
    "not an address",
    "",
]
PUBLIC = ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "2a00:1450::1", "64:ff9b::101:101"]


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_off_the_public_internet_is_refused(address: str) -> None:
    assert not net.is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_allowed(address: str) -> None:
    assert net.is_public(address)


@pytest.fixture
def canary() -> Iterator[tuple[int, list[Any]]]:
    """A listener on this machine: its port, and the clients that connected to it."""
    visitors: list[Any] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        stopped = threading.Event()

        def listen() -> None:
            while not stopped.is_set():
                try:
                    connection, address = server.accept()
                except TimeoutError:
                    continue
                visitors.append(address)
                connection.close()

        thread = threading.Thread(target=listen)
        thread.start()
        yield server.getsockname()[1], visitors
        stopped.set()
        thread.join()


HOSTS = [
    "127.0.0.1",
    "localhost",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "0.0.0.0",  # noqa: S104
    "localhost.",
    "LOCALHOST",
    "::ffff:127.0.0.1",
    "[::ffff:127.0.0.1]",
]


@pytest.mark.parametrize("host", HOSTS)
def test_no_way_of_writing_this_machine_reaches_it(
    host: str, canary: tuple[int, list[Any]]
) -> None:
    port, visitors = canary
    with pytest.raises((ValidationFailed, Unavailable)):
        net.resolve(host, port)
    with pytest.raises((ValidationFailed, Unavailable)):
        net.connect(host, port)
    bracketed = f"[{host}]" if ":" in host and "[" not in host else host
    with net.client() as client, pytest.raises((ValidationFailed, Unavailable)):
        client.get(f"https://{bracketed}:{port}/")
    with net.client() as client, pytest.raises((ValidationFailed, Unavailable)):
        client.get(f"http://{bracketed}:{port}/")
    assert visitors == []


def test_the_canary_hears_what_the_operator_allows(
    canary: tuple[int, list[Any]], settings: Any
) -> None:
    port, visitors = canary
    settings.OUTBOUND_PRIVATE_HOSTS = [f"127.0.0.1:{port}"]
    net.connect("127.0.0.1", port).close()
    deadline = time.monotonic() + 60
    while not visitors and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    assert len(visitors) == 1
    with pytest.raises(ValidationFailed):
        net.connect("127.0.0.1", port + 1 if port < 65535 else port - 1)
    with pytest.raises(ValidationFailed):
        net.connect("localhost", port)


def test_the_operators_trust_covers_exactly_the_origins_he_named(settings: Any) -> None:
    settings.OUTBOUND_OPERATOR_ORIGINS = [
        "http://127.0.0.1:8025",
        "https://127.0.0.2",
        "smtp://127.0.0.4",
    ]
    assert net.resolve("127.0.0.1", 8025, trust="operator") == [("127.0.0.1", 8025)]
    assert net.resolve("127.0.0.2", 443, trust="operator") == [("127.0.0.2", 443)]
    assert net.resolve("127.0.0.4", 25, trust="operator") == [("127.0.0.4", 25)]
    for host, port in [("127.0.0.1", 8026), ("127.0.0.2", 80), ("127.0.0.3", 8025)]:
        with pytest.raises(ValidationFailed):
            net.resolve(host, port, trust="operator")
    with pytest.raises(ValidationFailed):
        net.resolve("127.0.0.1", 8025, trust="user")


@pytest.mark.parametrize(
    ("host", "port"),
    [("", 443), ("a" * 300, 443), ("a\x00b", 443), ("x", 0), ("x", 70000), ("é" * 64 + ".x", 443)],
)
def test_what_is_no_host_and_port_is_refused(host: str, port: int) -> None:
    with pytest.raises(ValidationFailed):
        net.resolve(host, port)


def answers(*addresses: str) -> Callable[..., Any]:
    """A name server that returns these addresses, one list per call."""
    return lambda host, port, **_: [(None, None, None, "", (ip, port)) for ip in addresses]


def test_one_private_address_among_public_ones_refuses_the_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answers("1.1.1.1", "10.0.0.1"))
    with pytest.raises(ValidationFailed):
        net.resolve("split.example", 443)


def test_the_judged_address_is_the_one_connected_to(
    monkeypatch: pytest.MonkeyPatch, canary: tuple[int, list[Any]]
) -> None:
    port, visitors = canary
    tried: list[str] = []
    lookups = iter([answers("1.1.1.1"), answers("127.0.0.1")])
    real = socket.create_connection

    def resolver(host: str, port: int, *_: Any, **__: Any) -> Any:
        return next(lookups)(host, port)

    def dial(address: tuple[str, int], *args: Any, **kwargs: Any) -> Any:
        tried.append(address[0])
        if address[0] != "1.1.1.1":
            return real(address, *args, **kwargs)
        raise OSError("no network here")

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    monkeypatch.setattr(socket, "create_connection", dial)
    with net.client() as client, pytest.raises(Unavailable):
        client.get(f"https://rebinding.example:{port}/")
    assert tried == ["1.1.1.1"]
    assert visitors == []


class Pages(http.server.BaseHTTPRequestHandler):
    """A server that misbehaves by path."""

    def do_GET(self) -> None:
        if self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()
            return
        if self.path == "/zipped":
            self.send_response(200)
            self.send_header("Content-Encoding", "gzip")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        if self.path == "/long":
            self.wfile.write(b"x" * 100_000)
        elif self.path == "/drip":
            for _ in range(600):  # a minute, in which no byte comes late
                try:
                    self.wfile.write(b"x")
                    self.wfile.flush()
                except OSError:
                    return
                threading.Event().wait(0.1)
        else:
            self.wfile.write(f"{self.headers['Host']} {self.headers['Accept-Encoding']}".encode())

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def pages(settings: Any) -> Iterator[str]:
    """The address of a server the operator allowed."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    settings.OUTBOUND_PRIVATE_HOSTS = [f"127.0.0.1:{server.server_port}"]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_host_header_names_the_host_and_nothing_compressed_is_asked_for(pages: str) -> None:
    with net.client() as client:
        assert client.get(f"{pages}/").text == f"{pages.removeprefix('http://')} identity"


def test_a_redirect_is_an_answer_and_is_not_followed(pages: str) -> None:
    with net.client() as client:
        assert client.get(f"{pages}/redirect").status_code == 302


def test_a_redirect_someone_follows_is_judged_again(pages: str) -> None:
    following = httpx.Client(transport=net.Transport(), follow_redirects=True, trust_env=False)
    with following as client, pytest.raises(ValidationFailed):
        client.get(f"{pages}/redirect")


def test_too_long_and_compressed_answers_are_unavailable(pages: str) -> None:
    with net.client(max_bytes=1000) as client:
        for path in ("/long", "/zipped"):
            with pytest.raises(Unavailable):
                client.get(pages + path)


def test_a_slow_drip_ends_with_the_deadline(pages: str) -> None:
    with net.client(total_seconds=0.5) as client, pytest.raises(Unavailable):
        client.get(f"{pages}/drip")


def test_other_ports_than_the_callers_are_refused(pages: str) -> None:
    with net.client(ports=[443]) as client, pytest.raises(ValidationFailed):
        client.get(pages)
