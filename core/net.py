"""All outbound connections: the name is resolved once, checked, and that address is used.

A name can point anywhere, so the address is checked and not the name, and the connection uses the
checked address (DNS rebinding). Addresses from a workspace must be public; only the origins that
the operator listed in the environment are exempt.
"""

import ipaddress
import socket
import time
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpcore
import httpx
from django.conf import settings

from core.errors import Unavailable, ValidationFailed

CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 15.0
MAX_RESPONSE_BYTES = 1_048_576
MAX_HOST_LENGTH = 253

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

# Ranges that Python 3.11 treats as global although IANA's registries list them as special use.
_REFUSED = [
    ipaddress.ip_network(text)
    for text in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "::/96",  # IPv4-compatible, deprecated
        "::ffff:0:0:0/96",  # IPv4-translated
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2002::/16",  # 6to4
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
    )
]
_DEFAULT_PORTS = {"http": 80, "https": 443, "smtp": 25, "smtps": 465, "imap": 143, "imaps": 993}
_HERE = {"localhost", "127.0.0.1", "::1"}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Unreached(Unavailable):
    """No connection was made: nothing was sent."""


class Trust(StrEnum):
    """The source of the address: a workspace, or the operator's environment."""

    USER = "user"
    OPERATOR = "operator"


class Address(NamedTuple):
    """A checked address to connect to."""

    ip: str
    port: int


def is_public(text: str) -> bool:
    """Whether an IP address is on the public internet; embedded IPv4 addresses are checked too."""
    try:
        address: IPAddress = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            return False
        if address in _NAT64:
            address = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        else:
            address = address.ipv4_mapped or address
    if address.is_multicast or not address.is_global:
        return False
    return not any(address in network for network in _REFUSED if network.version == address.version)


def resolve(host: str, port: int, *, trust: Trust | str = Trust.USER) -> list[Address]:
    """The addresses of `host`, all of them checked.

    Raises ValidationFailed when the host is invalid or any address is not public, Unavailable when
    the name is unknown.
    """
    name = host.strip("[]").rstrip(".")
    if not 0 < len(name) <= MAX_HOST_LENGTH or not name.isprintable() or not 0 < port <= 65535:
        raise ValidationFailed("The address has no valid host and port.")
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise Unreached("The host name could not be found.", hint="Check its spelling.") from error
    except (ValueError, UnicodeError) as error:
        raise ValidationFailed("The address has no valid host and port.") from error
    addresses = list(dict.fromkeys(Address(str(item[4][0]), port) for item in found))
    if not _is_exempt(name, port, trust) and not all(is_public(item.ip) for item in addresses):
        raise ValidationFailed(
            "This address is not on the public internet and is blocked.",
            hint="An operator can allow its host and port in OUTBOUND_PRIVATE_HOSTS.",
        )
    return addresses


def refuse_plain(scheme: str, host: str, port: int | None, trust: Trust | str) -> int:
    """The port of a URL; raises ValidationFailed for plain http unless the operator listed it."""
    number = port or _DEFAULT_PORTS.get(scheme, 0)
    if scheme != "https" and not _is_exempt(host, number, trust):
        raise ValidationFailed("Only https URLs are allowed.")
    return number


def refuse_leaving_demo(host: str) -> None:
    """Raise ValidationFailed where the demo would reach another machine (running-1)."""
    if settings.DEMO and host.strip("[]").rstrip(".").lower() not in _HERE:
        raise ValidationFailed("This is the demo: nothing leaves this machine.")


def connect(
    host: str, port: int, *, trust: Trust | str = Trust.USER, timeout: float = CONNECT_SECONDS
) -> socket.socket:
    """A connected TCP socket; later operations time out after TOTAL_SECONDS (SMTP, IMAP).

    Raises what `resolve` raises, and Unavailable when no address answers within `timeout` seconds.
    """
    ends = time.monotonic() + timeout
    for address in resolve(host, port, trust=trust):
        left = ends - time.monotonic()
        if left <= 0:
            break
        try:
            connection = socket.create_connection(address, timeout=left)
        except OSError:
            continue
        connection.settimeout(TOTAL_SECONDS)
        return connection
    raise Unavailable("The server did not answer.", hint="Try again later.")


def client(
    *,
    trust: Trust | str = Trust.USER,
    max_bytes: int = MAX_RESPONSE_BYTES,
    total_seconds: float = TOTAL_SECONDS,
    ports: Iterable[int] | None = None,
) -> httpx.Client:
    """An HTTP client over `Transport`; it ignores redirects and proxy settings.

    `total_seconds` limits each whole request, `max_bytes` its response, `ports` the allowed ports.
    """
    transport = Transport(
        trust=trust, max_bytes=max_bytes, total_seconds=total_seconds, ports=ports
    )
    return _Client(transport=transport, follow_redirects=False, trust_env=False)


class _Client(httpx.Client):
    def build_request(self, *args: Any, **kwargs: Any) -> httpx.Request:
        try:
            return super().build_request(*args, **kwargs)
        except httpx.InvalidURL as error:
            raise ValidationFailed("The address is not a valid URL.") from error


class Transport(httpx.BaseTransport):
    """An httpx transport to checked addresses, with a deadline per exchange and a size cap.

    A longer, slower or compressed response is Unavailable. Plain http needs the operator.
    """

    def __init__(
        self,
        *,
        trust: Trust | str = Trust.USER,
        max_bytes: int = MAX_RESPONSE_BYTES,
        total_seconds: float = TOTAL_SECONDS,
        ports: Iterable[int] | None = None,
    ) -> None:
        self._trust = trust
        self._max_bytes = max_bytes
        self._total_seconds = total_seconds
        self._ports = None if ports is None else frozenset(ports)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request and read the whole response; raises Unavailable or ValidationFailed."""
        self._check(request.url)
        request.headers["Accept-Encoding"] = "identity"
        network = _PinnedNetwork(self._trust, time.monotonic() + self._total_seconds)
        try:
            with httpcore.ConnectionPool(
                ssl_context=httpx.create_ssl_context(trust_env=False), network_backend=network
            ) as pool:
                return self._exchange(pool, request)
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            raise Unreached("The server did not answer.", hint="Try again later.") from error
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise Unavailable("The server did not answer.", hint="Try again later.") from error

    def _check(self, url: httpx.URL) -> None:
        port = refuse_plain(url.scheme, url.host, url.port, self._trust)
        if self._ports is not None and port not in self._ports:
            raise ValidationFailed("This port is blocked.")

    def _exchange(self, pool: httpcore.ConnectionPool, request: httpx.Request) -> httpx.Response:
        outgoing = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions={"timeout": {"connect": CONNECT_SECONDS, "read": self._total_seconds}},
        )
        answer = pool.handle_request(outgoing)
        try:
            if any(name.lower() == b"content-encoding" for name, _ in answer.headers):
                raise Unavailable("The server sent a compressed response without being asked to.")
            body = self._read(answer)
        finally:
            answer.close()
        return httpx.Response(answer.status, headers=answer.headers, content=body, request=request)

    def _read(self, answer: httpcore.Response) -> bytes:
        body = bytearray()
        for part in answer.iter_stream():
            body += part
            if len(body) > self._max_bytes:
                raise Unavailable("The server's response is too long.")
        return bytes(body)


class _PinnedNetwork(httpcore.NetworkBackend):
    """Connects to checked addresses; TLS still verifies the name, which httpcore keeps."""

    def __init__(self, trust: Trust | str, ends: float) -> None:
        self._trust = trust
        self._ends = ends
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        error: Exception = httpcore.ConnectError("no address")
        for address in resolve(host, port, trust=self._trust):
            wait = _left(self._ends, timeout)
            try:
                stream = self._inner.connect_tcp(address.ip, port, wait, None, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as refused:
                error = refused
                continue
            return _TimedStream(stream, self._ends)
        raise error


class _TimedStream(httpcore.NetworkStream):
    """A stream whose every step ends at the deadline, even if data arrives slowly."""

    def __init__(self, inner: httpcore.NetworkStream, ends: float) -> None:
        self._inner = inner
        self._ends = ends

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(self._ends, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(self._ends, timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        wait = _left(self._ends, timeout)
        return _TimedStream(self._inner.start_tls(ssl_context, server_hostname, wait), self._ends)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(ends: float, timeout: float | None) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the whole exchange took too long")
    return left if timeout is None else min(left, timeout)


def _is_exempt(host: str, port: int, trust: Trust | str) -> bool:
    place = f"{host.strip('[]').rstrip('.').lower()}:{port}"
    if place in {text.strip().lower() for text in settings.OUTBOUND_PRIVATE_HOSTS}:
        return True
    return trust == Trust.OPERATOR and place in _operator_places()


def _operator_places() -> set[str]:
    """host:port of every origin in OUTBOUND_OPERATOR_ORIGINS (base URLs from the environment)."""
    places = set()
    for origin in getattr(settings, "OUTBOUND_OPERATOR_ORIGINS", ()):
        parts = urlsplit(origin)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
        places.add(f"{(parts.hostname or '').lower()}:{port}")
    return places
