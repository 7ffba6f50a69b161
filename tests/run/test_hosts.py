"""Which requests get in at all: Host names, forwarded requests, and whose address counts."""

from collections.abc import Awaitable
from typing import cast

import pytest
from asgiref.sync import async_to_sync, iscoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from pathbound_mcp import client_address
from pathbound_mcp.middleware import FORWARDED_HEADERS, LoopbackOnlyMiddleware

LOOPBACK_NAMES = ["127.0.0.1", "127.0.0.1:8000", "localhost", "localhost:9", "[::1]:8000"]
OTHER_NAMES = [
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "192.168.1.5",
    "x y",
]


@pytest.mark.parametrize("host", LOOPBACK_NAMES)
def test_a_loopback_name_is_answered(host: str) -> None:
    assert Client(headers={"host": host}).get("/health/live").status_code == 200


@pytest.mark.parametrize("host", OTHER_NAMES)
def test_another_name_is_refused_in_one_sentence(host: str) -> None:
    answer = Client(headers={"host": host}).get("/health/live")

    assert answer.status_code == 403
    assert answer.content.count(b"\n") == 1
    assert b"PUBLIC_BASE_URL" in answer.content


@pytest.mark.parametrize("header", FORWARDED_HEADERS)
def test_a_forwarded_request_is_refused_on_loopback(header: str) -> None:
    plain = Client(headers={"host": "127.0.0.1"})
    forwarded = Client(headers={"host": "127.0.0.1", header: "203.0.113.9"})

    assert plain.get("/health/live").status_code == 200
    assert forwarded.get("/health/live").status_code == 403


def test_the_asynchronous_server_refuses_and_answers_alike() -> None:
    async def page(_: HttpRequest) -> HttpResponse:
        return HttpResponse("ok")

    guarded = LoopbackOnlyMiddleware(page)
    assert iscoroutinefunction(guarded)

    async def statuses() -> list[int]:
        requests = [
            RequestFactory().get("/", HTTP_HOST=host) for host in ("localhost", "evil.test")
        ]
        answers = [await cast("Awaitable[HttpResponse]", guarded(one)) for one in requests]
        return [answer.status_code for answer in answers]

    assert async_to_sync(statuses)() == [200, 403]


@pytest.fixture
def public(settings: Settings) -> Settings:
    settings.PUBLIC_BASE_URL = "https://crm.example.com"
    settings.IS_LOOPBACK = False
    settings.ALLOWED_HOSTS = ["crm.example.com"]
    return settings


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("crm.example.com", 200),
        ("127.0.0.1", 421),
        ("evil.example", 421),
        ("a.crm.example.com", 421),
    ],
)
def test_a_public_server_answers_for_its_own_name_only(
    public: Settings, host: str, status: int
) -> None:
    assert Client(headers={"host": host}).get("/health/live").status_code == status


def test_a_public_server_takes_forwarded_requests(public: Settings) -> None:
    client = Client(headers={"host": "crm.example.com", "x-forwarded-for": "203.0.113.9"})

    assert client.get("/health/live").status_code == 200


@pytest.mark.parametrize(
    ("hops", "direct", "forwarded", "expected"),
    [
        (0, "192.0.2.1", "203.0.113.9", "192.0.2.1"),
        (1, "192.0.2.1", "203.0.113.9", "203.0.113.9"),
        (1, "192.0.2.1", "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "192.0.2.1", "6.6.6.6, 203.0.113.9, 192.0.2.7", "203.0.113.9"),
        (2, "192.0.2.1", "203.0.113.9", "192.0.2.1"),
        (1, "192.0.2.1", "203.0.113.9:4711", "203.0.113.9"),
        (1, "192.0.2.1", "[2001:db8::1]:4711", "2001:db8::1"),
        (1, "192.0.2.1", "2001:db8::1", "2001:db8::1"),
        (1, "192.0.2.1", "::ffff:203.0.113.9", "203.0.113.9"),
        (1, "fe80::1%eth0", "", "fe80::1"),
        (1, "192.0.2.1", "unknown", "192.0.2.1"),
        (1, "192.0.2.1", "", "192.0.2.1"),
        (1, "192.0.2.1", "a, b", "192.0.2.1"),
        (1, "192.0.2.1", "1" * 5000, "192.0.2.1"),
        (0, "", "", client_address.NOBODY),
        (0, "no address", "", client_address.NOBODY),
    ],
)
def test_the_address_that_counts_is_always_a_valid_one(
    settings: Settings, hops: int, direct: str, forwarded: str, expected: str
) -> None:
    settings.TRUSTED_PROXY_HOPS = hops
    request = RequestFactory().get("/", REMOTE_ADDR=direct, HTTP_X_FORWARDED_FOR=forwarded)

    assert client_address.client_ip(request) == expected
