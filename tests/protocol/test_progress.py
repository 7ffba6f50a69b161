"""Progress notifications: sent during a job if the client asked and accepts a stream."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.db import connection, connections
from django.db.backends.signals import connection_created
from mcp import Client

from core import clock
from core.access import Role
from core.models import RateBucket
from jobs.job_context import Done, Later, Running
from jobs.models import Job
from jobs.queries.progress import Standing
from jobs.services import leases
from oauth.models import Connection
from pathbound_mcp.protocol import progress
from pathbound_mcp.protocol.progress import Places, Steps
from tests.mail import wait_until
from tests.protocol import samples
from tests.protocol.clients import LEGACY, MODERN, Connect, McpClient
from tests.protocol.sessions import each_mode, in_session

pytestmark = pytest.mark.django_db(transaction=True)

EVENTS = "text/event-stream"
STATED_SECONDS, HANGS_SECONDS = progress.FOLLOW_SECONDS, 600  # no test waits that long
each_version = pytest.mark.parametrize("version", ["2025-06-18", LEGACY, MODERN])


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(progress, "FOLLOW_SECONDS", float(HANGS_SECONDS))


def started(client: McpClient, text: str = "ct_1") -> str:
    """A job of the client's, at work."""
    job_id: str = client.call(samples.START, {"text": text}).json()["result"]["structuredContent"][
        "job_id"
    ]
    return job_id


def taken(job_id: str) -> Running:
    running = leases.claim(job_id)
    assert running is not None
    return running


@contextmanager
def asked(
    url: str, client: McpClient, job_id: str, *, token: Any = "p-1", **headers: str
) -> Iterator[httpx.Response]:
    """The answer while it comes in; `token` None asks for no progress."""
    meta: dict[str, Any] = client.envelope if client.version == MODERN else {}
    params = {
        "name": samples.SEE,
        "arguments": {"job_id": job_id},
        "_meta": meta if token is None else {**meta, "progressToken": token},
    }
    body = {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params}
    sent = {**client.headers(body), **headers}
    with (
        httpx.Client(timeout=60) as http,
        http.stream("POST", f"{url}/mcp", json=body, headers=sent) as answer,
    ):
        yield answer


def messages_of(answer: httpx.Response) -> Iterator[dict[str, Any]]:
    for line in answer.iter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


def plain_json(answer: httpx.Response) -> dict[str, Any]:
    """The whole answer, which is plain JSON."""
    assert answer.headers["content-type"] == "application/json"
    result: dict[str, Any] = json.loads(answer.read())["result"]
    return result


@each_version
@pytest.mark.parametrize("token", ["p-1", 0])
def test_a_moving_job_is_told_of_as_it_moves_then_read_anew(
    base_url: str, connect: Connect, version: str, token: Any
) -> None:
    client = connect(version)
    job_id = started(client)
    running = taken(job_id)
    moves: list[Callable[[], None]] = [
        lambda: running.progress(done=1, message="Reviewing contacts."),
        lambda: running.progress(message="Waits for the model."),
        lambda: running.progress(done=2),
        lambda: leases.finish(running, Done({}, "Done.")),
    ]
    told = []

    with asked(base_url, client, job_id, token=token) as answer:
        assert (answer.status_code, answer.headers["content-type"]) == (200, EVENTS)
        assert answer.headers["x-accel-buffering"] == "no"
        for message in messages_of(answer):
            told.append(message)
            if moves:
                moves.pop(0)()

    *notices, last = told
    assert {notice["method"] for notice in notices} == {"notifications/progress"}
    assert not any("id" in notice for notice in notices)
    assert [notice["params"] for notice in notices] == [
        {"progressToken": token, "progress": 0.0, "total": 3, "message": "Waits."},
        {"progressToken": token, "progress": 1.0, "total": 3, "message": "Reviewing contacts."},
        {"progressToken": token, "progress": 1.5, "total": 3, "message": "Waits for the model."},
        {"progressToken": token, "progress": 2.0, "total": 3, "message": "Waits for the model."},
        {"progressToken": token, "progress": 2.5, "total": 3, "message": "Done."},
    ]
    assert last["id"] == 7
    assert last["result"]["structuredContent"] == {
        "job_id": job_id,
        "done": 2,
        "status": "completed",
    }


@each_mode
def test_the_official_client_hears_it(base_url: str, connect: Connect, mode: str) -> None:
    client = connect()
    job_id = started(client)
    running = taken(job_id)
    told: list[tuple[float, float | None, str | None]] = []

    def move() -> None:
        try:
            if len(told) == 4:
                leases.finish(running, Done({}))
            else:
                running.progress(done=len(told), message=f"Contact {len(told)}.")
        finally:
            connection.close()

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, total, message))
        await asyncio.to_thread(move)

    async def use(session: Client) -> Any:
        return await session.call_tool(samples.SEE, {"job_id": job_id}, progress_callback=hear)

    called = in_session(f"{base_url}/mcp", client, mode, use)

    assert [progress for progress, _, _ in told] == [0, 1, 2, 3]
    assert told[1:3] == [(1, 3, "Contact 1."), (2, 3, "Contact 2.")]
    assert called.structured_content["status"] == "completed"


@each_version
def test_who_asks_for_no_progress_or_takes_no_stream_is_answered_at_once(
    base_url: str, connect: Connect, version: str
) -> None:
    client = connect(version)
    job_id = started(client)
    taken(job_id)

    for token, accept in ((None, f"application/json, {EVENTS}"), ("p-1", "application/json")):
        with asked(base_url, client, job_id, token=token, Accept=accept) as answer:
            assert plain_json(answer)["structuredContent"]["status"] == "running"


def test_a_server_that_cannot_stream_answers_at_once(connect: Connect) -> None:
    client = connect()
    job_id = started(client)
    taken(job_id)
    params = {"name": samples.SEE, "arguments": {"job_id": job_id}, "_meta": {"progressToken": 1}}

    answer = client.request("tools/call", params)  # the test client speaks WSGI

    assert answer["Content-Type"] == "application/json"
    assert answer.json()["result"]["structuredContent"]["status"] == "running"


def ends(job_id: str) -> None:
    leases.finish(taken(job_id), Done({}))


def waits_for_a_person(job_id: str) -> None:
    leases.finish(taken(job_id), Later(clock.now() + timedelta(minutes=10), "Log in."))


@pytest.mark.parametrize("rest", [ends, waits_for_a_person])
def test_a_job_that_rests_is_answered_at_once(
    base_url: str, connect: Connect, rest: Callable[[str], None]
) -> None:
    client = connect()
    job_id = started(client)
    rest(job_id)

    with asked(base_url, client, job_id) as answer:
        assert plain_json(answer)["structuredContent"]["status"] in {"completed", "waiting"}


def test_the_wait_ends_when_the_job_comes_to_wait_for_a_person(
    base_url: str, connect: Connect
) -> None:
    client = connect()
    job_id = started(client)

    with asked(base_url, client, job_id) as answer:
        told = messages_of(answer)
        assert next(told)["params"]["message"] == "Waits."
        waits_for_a_person(job_id)
        assert next(told)["params"] == {
            "progressToken": "p-1",
            "progress": 0.5,
            "total": 3,
            "message": "Log in.",
        }
        assert next(told)["result"]["structuredContent"]["status"] == "waiting"


def test_the_wait_has_an_end(
    base_url: str, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert STATED_SECONDS <= 20
    monkeypatch.setattr(progress, "FOLLOW_SECONDS", 0.2)
    client = connect()
    job_id = started(client)
    taken(job_id)

    with asked(base_url, client, job_id) as answer:
        notice, last = messages_of(answer)

    assert notice["params"]["progress"] == 0
    assert last["result"]["structuredContent"]["status"] == "running"


@each_version
def test_another_s_job_is_not_found_and_nothing_is_told(
    base_url: str, connect: Connect, version: str
) -> None:
    job_id = started(connect())
    taken(job_id)

    for other in (
        connect(version, workspace="elsewhere", user="gil"),
        connect(version, user="bob", role=Role.MEMBER),
    ):
        with asked(base_url, other, job_id) as answer:
            result = plain_json(answer)
        assert result["isError"]
        assert result["structuredContent"]["error"]["code"] == "not_found"


def test_a_call_that_starts_a_job_answers_at_once(base_url: str, connect: Connect) -> None:
    client = connect()
    params = {"name": samples.START, "arguments": {}, "_meta": {"progressToken": "p-1"}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}

    answer = httpx.post(f"{base_url}/mcp", json=body, headers=client.headers(body), timeout=60)

    assert plain_json(answer)["structuredContent"]["job_id"] == Job.objects.get().pk


@pytest.mark.parametrize("version", [LEGACY, MODERN])
def test_a_revoked_connection_ends_the_wait_and_is_told_nothing_more(
    base_url: str, connect: Connect, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "CHECK_SECONDS", 0.0)
    client = connect(version)
    job_id = started(client)
    taken(job_id)

    with asked(base_url, client, job_id) as answer:
        told = messages_of(answer)
        next(told)
        Connection.objects.update(revoked_at=clock.now())
        (last,) = told

    assert last["id"] == 7
    assert last["error"]["code"] == -32600
    assert "result" not in last


def test_a_connection_revoked_just_before_the_end_gets_no_answer(
    base_url: str, connect: Connect
) -> None:
    client = connect()
    job_id = started(client)
    running = taken(job_id)

    with asked(base_url, client, job_id) as answer:
        told = messages_of(answer)
        next(told)
        Connection.objects.update(revoked_at=clock.now())
        leases.finish(running, Done({}))
        last = list(told)[-1]

    assert "result" not in last


def held(places: Places) -> int:
    return places._held.total()


def test_beyond_the_places_a_call_is_answered_at_once(
    base_url: str, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = Places(in_all=2, each=1)
    monkeypatch.setattr(progress, "places", places)
    ana, bob = connect(), connect(user="bob")
    cleo = connect(user="cleo")
    jobs = {client.token: started(client, text) for client, text in ((ana, "1"), (bob, "2"))}
    jobs[cleo.token] = started(cleo, "3")
    for job_id in jobs.values():
        taken(job_id)

    with asked(base_url, ana, jobs[ana.token]) as first:
        told = [messages_of(first)]  # kept: an unreferenced stream is closed
        next(told[0])
        with asked(base_url, ana, jobs[ana.token]) as second:
            assert plain_json(second)["structuredContent"]["status"] == "running"
        with asked(base_url, bob, jobs[bob.token]) as another:
            told.append(messages_of(another))
            next(told[1])
            with asked(base_url, cleo, jobs[cleo.token]) as third:
                assert plain_json(third)["structuredContent"]["status"] == "running"
            assert held(places) == 2

    wait_until(lambda: held(places) == 0, "who went away holds no place", 60)
    assert not places._held


def test_a_client_that_goes_away_ends_the_wait_and_not_the_job(
    base_url: str, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = Places(in_all=2, each=2)
    monkeypatch.setattr(progress, "places", places)
    client = connect()
    job_id = started(client)
    taken(job_id)

    with asked(base_url, client, job_id) as answer:
        told = messages_of(answer)
        next(told)
        assert held(places) == 1

    wait_until(lambda: held(places) == 0, "its place is free long before the time is up", 60)
    assert Job.objects.get(pk=job_id).status == "running"


def test_a_followed_call_is_charged_once(base_url: str, connect: Connect, settings: Any) -> None:
    settings.MCP_RATE_LIMIT = "30/d"
    client = connect()
    job_id = started(client)

    with asked(base_url, client, job_id) as answer:
        told = messages_of(answer)
        next(told)
        waits_for_a_person(job_id)
        assert "result" in list(told)[-1]

    if not settings.REDIS_URL:
        (bucket,) = RateBucket.objects.filter(key__startswith="mcp:")
        assert round(bucket.tokens) == 28  # the start, and this call


def test_no_database_connection_is_held_between_two_looks(
    base_url: str, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "POLL_SECONDS", 0.5)
    client = connect()
    job_id = started(client)
    running = taken(job_id)
    made: list[Any] = []

    def note(sender: object, connection: Any, **_: object) -> None:
        made.append(connection)

    connection_created.connect(note)
    try:
        with asked(base_url, client, job_id) as answer:
            told = messages_of(answer)
            next(told)
            wait_until(
                lambda: all(each.connection is None for each in made),
                "every connection is given back",
                60,
            )
            running.progress(done=1)
            assert next(told)["params"]["progress"] == 1
    finally:
        connection_created.disconnect(note)

    assert made
    assert connections["default"] not in made


def test_progress_only_grows_and_never_passes_the_total() -> None:
    steps, last = Steps(), -1.0
    for number, done in enumerate((0, 0, 0, 1, 1, 3, 2, 2, 4, 4, 4)):
        told = steps.next(Standing(done, 4, f"Step {number}.", moves=True))
        if told is None:
            assert last == 4
            continue
        assert last < told["progress"] <= 4
        last = told["progress"]
    assert last == 4
    assert steps.next(Standing(4, 4, "Step 11.", moves=False)) is None


def test_nothing_is_told_twice() -> None:
    steps = Steps()
    assert steps.next(Standing(0, None, "Waits.", moves=True)) == {
        "progress": 0.0,
        "total": None,
        "message": "Waits.",
    }
    assert steps.next(Standing(0, None, "Waits.", moves=False)) is None


def test_a_place_is_free_again_after_its_call() -> None:
    places = Places(in_all=1, each=1)
    with places.one_for("ana") as first, places.one_for("ana") as second:
        assert (first, second) == (True, False)
    with places.one_for("bob") as another:
        assert another
