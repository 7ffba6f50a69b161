"""Rate limits of calls: a token bucket, atomic in Redis (Lua) or in one row (compare-and-set).

When Redis does not answer within 100 ms a breaker opens for some seconds and a bucket in this
process is used instead: a limit never becomes a 500, and never disappears.
"""

import re
import threading
import time
from dataclasses import dataclass
from math import ceil
from typing import Any, NamedTuple, Protocol

import structlog
from django.conf import settings
from django.db import IntegrityError, OperationalError
from django.db.models import F
from redis import Redis
from redis.exceptions import RedisError

from core.errors import RateLimited
from core.models import RateBucket

log = structlog.get_logger(__name__)

_RATE = re.compile(r"([1-9][0-9]{0,5})/([1-9][0-9]{0,3})?([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_BREAKER_SECONDS = 5.0
_REDIS_TIMEOUT_SECONDS = 0.1

# KEYS[1] bucket, ARGV: capacity, seconds per period, now. Returns the seconds to wait, "0" when
# taken, and what is left.
_TAKE = """
local capacity, period, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local stored = redis.call('HMGET', KEYS[1], 't', 'at')
local tokens, at = tonumber(stored[1]) or capacity, tonumber(stored[2]) or now
tokens = math.min(capacity, tokens + math.max(0, now - at) * capacity / period)
local wait = 0
if tokens >= 1 then tokens = tokens - 1 else wait = (1 - tokens) * period / capacity end
redis.call('HSET', KEYS[1], 't', tostring(tokens), 'at', tostring(math.max(now, at)))
redis.call('EXPIRE', KEYS[1], math.ceil(period) + 1)
return {tostring(wait), tostring(tokens)}
"""


class Rate(NamedTuple):
    """`calls` in each `seconds`, with bursts up to `calls`."""

    calls: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """Parses `30/m`, `100/15m`, `5/s`; raises ValueError otherwise, at startup."""
        match = _RATE.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"{text!r} is not a rate; write it like 30/m or 100/15m")
        calls, times, unit = match.groups()
        return cls(int(calls), int(times or 1) * _SECONDS[unit])


class Taken(NamedTuple):
    """The result of a take: seconds to wait (0 if a token was taken), and the tokens left."""

    wait: float
    left: float


class Allowance(NamedTuple):
    """The tokens left after a call, and the whole seconds until the bucket is full again."""

    rate: Rate
    remaining: int
    reset_seconds: int


class Store(Protocol):
    """Storage of buckets."""

    def take(self, key: str, rate: Rate) -> Taken:
        """Take one token if there is one."""
        ...


def take(key: str, rate: Rate) -> Allowance:
    """Take one call from a bucket; raises RateLimited with whole seconds to wait."""
    taken = _store().take(key, rate)
    if taken.wait > 0:
        seconds = max(1, ceil(taken.wait))
        raise RateLimited(
            f"Too many calls: the limit is {rate.calls} in {rate.seconds} seconds.",
            hint=f"Wait {seconds} seconds, then try again.",
            retry_after_seconds=seconds,
        )
    missing = (rate.calls - taken.left) * rate.seconds / rate.calls
    return Allowance(rate, int(taken.left), max(0, ceil(missing)))


@dataclass(slots=True)
class _Level:
    tokens: float
    at: float

    def take(self, rate: Rate, now: float) -> Taken:
        refill = max(0.0, now - self.at) * rate.calls / rate.seconds
        self.tokens, self.at = min(rate.calls, self.tokens + refill), max(now, self.at)
        if self.tokens >= 1:
            self.tokens -= 1
            return Taken(0.0, self.tokens)
        return Taken((1 - self.tokens) * rate.seconds / rate.calls, self.tokens)


class ProcessBuckets:
    """Buckets in this process: the fallback."""

    def __init__(self) -> None:
        self._levels: dict[str, _Level] = {}
        self._lock = threading.Lock()

    def take(self, key: str, rate: Rate) -> Taken:
        now = time.time()
        with self._lock:
            if len(self._levels) > 10_000:
                self._levels.clear()
            level = self._levels.setdefault(key, _Level(rate.calls, now))
            return level.take(rate, now)


class RowBuckets:
    """One row per bucket, changed by compare-and-set; for installations without Redis."""

    tries = 50

    def take(self, key: str, rate: Rate) -> Taken:
        for _ in range(self.tries):
            now = time.time()
            row = RateBucket.objects.filter(key=key).first() or self._first(key, rate, now)
            level = _Level(row.tokens, row.refilled_at)
            taken = level.take(rate, now)
            changed = RateBucket.objects.filter(key=key, version=row.version).update(
                tokens=level.tokens, refilled_at=level.at, version=F("version") + 1
            )
            if changed:
                return taken
        return Taken(1.0, 0.0)

    def _first(self, key: str, rate: Rate, now: float) -> RateBucket:
        row = RateBucket(key=key, tokens=rate.calls, refilled_at=now)
        try:
            row.save(force_insert=True)
        except IntegrityError:
            return RateBucket.objects.get(key=key)
        return row


class RedisBuckets:
    """Buckets in Redis, taken by one script."""

    def __init__(self, url: str) -> None:
        self._client: Redis = Redis.from_url(
            url,
            socket_timeout=_REDIS_TIMEOUT_SECONDS,
            socket_connect_timeout=_REDIS_TIMEOUT_SECONDS,
        )
        self._script = self._client.register_script(_TAKE)

    def take(self, key: str, rate: Rate) -> Taken:
        answer: Any = self._script(
            keys=[f"rate:{key}"], args=[rate.calls, rate.seconds, time.time()]
        )
        return Taken(*map(float, answer))


class Guarded:
    """A store behind a breaker; this process's buckets replace it while it is down."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._fallback = ProcessBuckets()
        self._closed_until = 0.0

    def take(self, key: str, rate: Rate) -> Taken:
        if time.monotonic() >= self._closed_until:
            try:
                return self._store.take(key, rate)
            except (RedisError, OperationalError):
                self._closed_until = time.monotonic() + _BREAKER_SECONDS
                log.warning("limits.store_away", seconds=_BREAKER_SECONDS)
        return self._fallback.take(key, rate)


_stores: dict[str, Guarded] = {}


def _store() -> Store:
    url: str = settings.REDIS_URL
    if url not in _stores:
        _stores[url] = Guarded(RedisBuckets(url) if url else RowBuckets())
    return _stores[url]
