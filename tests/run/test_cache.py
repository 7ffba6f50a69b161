"""The cache behind the rate limits of pages, with Redis gone or silent."""

import socket
from collections.abc import Iterator

import pytest
from django.core.cache.backends.redis import RedisCache

from pathbound_mcp.cache import TIMEOUT_SECONDS, ForgivingRedisCache
from tests.ports import free_port


@pytest.fixture
def refused() -> ForgivingRedisCache:
    """Nothing listens there."""
    return ForgivingRedisCache(f"redis://127.0.0.1:{free_port()}/0", {})


@pytest.fixture
def silent() -> Iterator[ForgivingRedisCache]:
    """A server that accepts connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield ForgivingRedisCache(f"redis://127.0.0.1:{listener.getsockname()[1]}/0", {})


@pytest.mark.parametrize("which", ["refused", "silent"])
def test_counting_goes_on_in_memory_while_redis_is_away(
    which: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pathbound_mcp.cache.BREAKER_SECONDS", 600.0)
    cache: ForgivingRedisCache = request.getfixturevalue(which)
    asked: list[str] = []
    real = RedisCache.clear

    def clear(self: RedisCache) -> None:
        asked.append("clear")
        real(self)

    def operation(name: str) -> None:
        monkeypatch.setattr(RedisCache, name, lambda *_: asked.append(name))

    monkeypatch.setattr(RedisCache, "clear", clear)
    for name in ("add", "incr"):
        operation(name)
    cache.clear()

    added = cache.add("calls", 1, 60)
    counts = [cache.incr("calls") for _ in range(20)]

    assert added
    assert counts == list(range(2, 22))
    assert asked == ["clear"], "one failure keeps the rest away, so one timeout is all it costs"
    assert TIMEOUT_SECONDS <= 0.1


def test_every_operation_survives(refused: ForgivingRedisCache) -> None:
    refused.set("a", 1, 60)
    refused.set_many({"b": 2, "c": 3}, 60)

    assert refused.get("a") == 1
    assert refused.get_many(["b", "c"]) == {"b": 2, "c": 3}
    assert refused.has_key("a")
    assert refused.touch("a", 60)
    assert refused.delete("a")
    refused.delete_many(["b"])
    assert refused.get("b") is None
    with pytest.raises(ValueError, match="not found"):
        refused.incr("nothing")
    refused.clear()
    assert refused.get("c") is None
