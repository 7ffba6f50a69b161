"""Rate limits: exact under load, and never a cause of failure."""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.db import OperationalError
from django.test import override_settings
from redis import Redis
from redis.exceptions import RedisError

from core import limits
from core.errors import RateLimited
from core.limits import Guarded, ProcessBuckets, Rate, RedisBuckets, RowBuckets, Store, Taken
from core.models import RateBucket
from tests.ports import free_port
from tests.threads import at_once

REDIS_SERVER = shutil.which("redis-server")
needs_redis_server = pytest.mark.skipif(not REDIS_SERVER, reason="no redis-server is installed")
RATE = Rate(30, 60)
SLOW = Rate(30, 86_400)  # no refill while a test runs
STATED_SECONDS = limits._REDIS_TIMEOUT_SECONDS


@pytest.fixture(autouse=True)
def _a_busy_machine_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Redis that is there has ten times the stated time; a breaker stays open for a test."""
    monkeypatch.setattr(limits, "_REDIS_TIMEOUT_SECONDS", 10 * STATED_SECONDS)
    monkeypatch.setattr(limits, "_BREAKER_SECONDS", 600.0)


class Counted:
    """A store that counts how often it is asked."""

    def __init__(self, inner: Store) -> None:
        self.inner, self.asked = inner, 0

    def take(self, key: str, rate: Rate) -> Taken:
        self.asked += 1
        return self.inner.take(key, rate)


@contextlib.contextmanager
def redis_server(folder: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """A Redis of the test's own."""
    port = free_port()
    words = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([*words, "--dir", str(folder)], stdout=log, stderr=log)
        try:
            _wait_until_it_answers(port)
            yield f"redis://127.0.0.1:{port}/0", process
        finally:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            process.wait(timeout=20)


def _wait_until_it_answers(port: int) -> None:
    client = Redis(port=port)
    for _ in range(1200):
        with contextlib.suppress(RedisError):
            client.ping()
            client.close()
            return
        time.sleep(0.05)  # no event reports when a port opens
    raise AssertionError("redis-server did not start")


def refused_by(store: Store, calls: int, key: str = "k", rate: Rate = RATE) -> int:
    return sum(store.take(key, rate).wait > 0 for _ in range(calls))


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("30/m", Rate(30, 60)),
        ("100/15m", Rate(100, 900)),
        ("5/s", Rate(5, 1)),
        ("2/h", Rate(2, 3600)),
        (" 9/2d ", Rate(9, 172_800)),
    ],
)
def test_a_rate_is_read(text: str, rate: Rate) -> None:
    assert Rate.parse(text) == rate


@pytest.mark.parametrize("text", ["", "ten/m", "0/m", "5", "5/", "5/0m", "5/w", "-5/m", "5/m5"])
def test_what_is_no_rate_is_refused_when_it_is_read(text: str) -> None:
    with pytest.raises(ValueError, match="30/m"):
        Rate.parse(text)


def test_the_refusal_says_how_long_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    store = ProcessBuckets()
    monkeypatch.setattr(limits, "_store", lambda: store)
    with time_machine.travel("2026-05-01 12:00:00Z", tick=False):
        limits.take("k", Rate(1, 60))

        with pytest.raises(RateLimited) as refusal:
            limits.take("k", Rate(1, 60))

    assert refusal.value.retry_after_seconds == 60
    assert refusal.value.retryable


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [RowBuckets, ProcessBuckets])
def test_a_bucket_refills_with_time_and_not_beyond_its_size(kind: type[Store]) -> None:
    store = kind()
    with time_machine.travel("2026-05-01 12:00:00Z", tick=False) as clock:
        assert refused_by(store, 31) == 1
        assert store.take("k", RATE).wait == pytest.approx(2.0)
        clock.shift(2)
        assert refused_by(store, 2) == 1
        clock.shift(86_400)
        assert refused_by(store, 31) == 1
        clock.shift(-3600)  # a clock set back changes nothing
        assert refused_by(store, 1) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [RowBuckets, ProcessBuckets])
def test_each_key_has_its_own_bucket(kind: type[Store]) -> None:
    store = kind()
    assert refused_by(store, 31, "mia", SLOW) == 1
    assert refused_by(store, 30, "rex", SLOW) == 0


@pytest.mark.django_db(transaction=True)
def test_fifty_threads_get_exactly_thirty_calls_from_a_row() -> None:
    waits, _ = at_once([partial(RowBuckets().take, "k", SLOW)] * 50)

    assert sum(taken.wait == 0 for taken in waits) == 30
    assert RateBucket.objects.get(key="k").tokens < 1


def test_fifty_threads_get_exactly_thirty_calls_from_a_process() -> None:
    store = ProcessBuckets()
    waits, _ = at_once([partial(store.take, "k", SLOW)] * 50)

    assert sum(taken.wait == 0 for taken in waits) == 30


@pytest.mark.skipif(not os.environ.get("TEST_REDIS_URL"), reason="TEST_REDIS_URL is not given")
def test_fifty_threads_get_exactly_thirty_calls_from_redis() -> None:
    key = secrets.token_hex(8)

    waits, _ = at_once([partial(RedisBuckets(settings.REDIS_URL).take, key, SLOW)] * 50)

    assert sum(taken.wait == 0 for taken in waits) == 30


@pytest.mark.slow
@needs_redis_server
def test_a_bucket_in_redis_refills_and_goes_away_by_itself(tmp_path: Path) -> None:
    with redis_server(tmp_path) as (url, _):
        store = RedisBuckets(url)
        with time_machine.travel("2026-05-01 12:00:00Z", tick=False) as clock:
            assert refused_by(store, 31) == 1
            clock.shift(2)
            assert refused_by(store, 2) == 1
        assert 0 < int(store._client.ttl("rate:k")) <= 61
        store._client.close()


def test_a_closed_redis_costs_a_moment_and_no_error() -> None:
    inner = Counted(RedisBuckets("redis://127.0.0.1:1/0"))

    assert refused_by(Guarded(inner), 31, rate=SLOW) == 1

    assert inner.asked == 1
    assert STATED_SECONDS <= 0.1


@pytest.mark.slow
@needs_redis_server
def test_a_stopped_redis_costs_a_moment_and_is_used_again_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with redis_server(tmp_path) as (url, process):
        inner = RedisBuckets(url)
        counted = Counted(inner)
        store = Guarded(counted)
        assert store.take("k", SLOW).wait == 0
        process.send_signal(signal.SIGSTOP)

        assert refused_by(store, 31, rate=SLOW) == 1

        assert counted.asked == 2
        process.send_signal(signal.SIGCONT)
        monkeypatch.setattr(store, "_closed_until", 0.0)
        assert store.take("back", SLOW).wait == 0
        assert inner._client.exists("rate:back")
        inner._client.close()


def test_while_the_breaker_is_open_the_store_is_left_alone() -> None:
    asked: list[str] = []

    class Away:
        def take(self, key: str, rate: Rate) -> Taken:
            asked.append(key)
            raise OperationalError("database is locked")

    store = Guarded(Away())

    assert refused_by(store, 31, rate=SLOW) == 1
    assert asked == ["k"]


@pytest.mark.django_db
@override_settings(REDIS_URL="")
def test_without_redis_the_buckets_are_rows() -> None:
    limits.take("k", RATE)

    assert RateBucket.objects.get(key="k").tokens == pytest.approx(29, abs=0.1)
