"""Live updates: who may follow, how often a page polls, when a stream ends."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import DatabaseError, connections
from django.test import Client

from approvals.views import live
from core import audit
from tests import factories
from tests.pages.conftest import Browser, Team


def listener_of(client: Client, team: Team) -> live.Listener:
    """Rex's open page."""
    return live.Listener(
        session_key=client.session.session_key or "",
        user_id=str(team.rex.user_id),
        workspace_id=str(team.place.pk),
    )


async def in_a_thread(function: Callable[..., Any], *arguments: Any) -> Any:
    """Touch the database as another request would."""

    def run() -> Any:
        try:
            return function(*arguments)
        finally:
            connections.close_all()

    return await sync_to_async(run, thread_sensitive=False)()


def something_happens(team: Team) -> None:
    """A recorded change in the workspace."""
    audit.record(factories.person(team.rex), "test.change")


@pytest.mark.parametrize("ending", ["log out", "membership", "user", "password"])
def test_a_session_that_ended_may_listen_no_longer(
    team: Team, browser_of: Browser, ending: str
) -> None:
    client = browser_of(team.rex)
    listener = listener_of(client, team)
    assert listener.is_allowed()

    if ending == "log out":
        client.post("/logout/")
    elif ending == "membership":
        team.rex.is_active = False
        team.rex.save()
    elif ending == "user":
        team.rex.user.is_active = False
        team.rex.user.save()
    else:
        team.rex.user.set_password("another long phrase")
        team.rex.user.save()

    assert not listener.is_allowed()


@pytest.mark.django_db(transaction=True)
def test_all_pages_of_a_workspace_share_one_poll(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, team: Team
) -> None:
    monkeypatch.setattr(live, "POLL_SECONDS", 0.02)
    place = str(team.place.pk)

    async def two_pages() -> None:
        async with live.watching(place) as first, live.watching(place) as second:
            assert first is second
            seen = first.count
            await in_a_thread(something_happens, team)
            assert await second.after(seen, 60) == seen + 1
        assert not live._watches

    asyncio.run(two_pages())


def test_a_change_counter_that_cannot_be_read_is_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "POLL_SECONDS", 0.0)
    watch = live.Watch("ws_1")
    answers: list[int | DatabaseError] = [DatabaseError("away"), 0, 0, 7]

    async def read() -> int:
        answer = answers.pop(0) if answers else 7
        if isinstance(answer, DatabaseError):
            raise answer
        return answer

    monkeypatch.setattr(watch, "read", read)

    async def heard() -> int:
        polling = asyncio.create_task(watch.poll())
        try:
            return await watch.after(0, 60)
        finally:
            polling.cancel()

    assert asyncio.run(heard()) == 7


@pytest.mark.django_db(transaction=True)
def test_a_stream_tells_of_a_change_and_ends_with_the_membership(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, team: Team, browser_of: Browser
) -> None:
    monkeypatch.setattr(live, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(live, "CHECK_SECONDS", 0.0)
    monkeypatch.setattr(live, "PING_SECONDS", 600.0)  # no ping of a busy machine
    listener = listener_of(browser_of(team.rex), team)

    async def listen() -> list[str]:
        heard = []
        async for text in listener.events():
            heard.append(text)
            if len(heard) > 20:
                break
            if len(heard) == 2:
                team.rex.is_active = False
                await in_a_thread(team.rex.save)
            await in_a_thread(something_happens, team)
        return heard

    heard = asyncio.run(listen())

    assert heard[0].startswith("retry: 3000\n")
    assert all("event: changed\n" in text for text in heard)
    assert len(heard) == 2


def test_the_stream_is_for_members_and_by_get_only(team: Team, browser_of: Browser) -> None:
    client = browser_of(team.rex)
    assert client.post("/approvals/stream").status_code == 405
    team.rex.is_active = False
    team.rex.save()
    assert client.get("/approvals/stream").status_code == 403
