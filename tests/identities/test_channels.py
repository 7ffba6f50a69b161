"""A channel is found, opened, paused once and counted; its secret is for it alone."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

from core.actor import Actor
from core.errors import Unavailable, ValidationFailed
from core.models import AuditEntry
from identities import channels, send_counters
from identities.models import Channel, Kind, SendCount
from identities.models.connected import FAILING, OK, PAUSED, UNCHECKED
from tests.identities.conftest import identities_team
from tests.identities.providers import CANARY
from tests.team import Team


def connected(team: Team, kind: Kind = Kind.SLACK, **facts: Any) -> Channel:
    row = Channel(workspace=team.place, kind=kind, created_at=team.place.created_at, **facts)
    row.secret = channels.sealed(row, CANARY)
    row.save()
    return row


def test_a_channel_is_found_by_its_workspace_and_kind(team: Team) -> None:
    row = connected(team)

    assert channels.channel_for(str(team.place.pk), Kind.SLACK) == row
    assert row.opened()["token"] == CANARY
    for place, kind in ((team.gil.workspace_id, Kind.SLACK), (team.place.pk, Kind.RESEND)):
        with pytest.raises(ValidationFailed, match="connected"):
            channels.channel_for(str(place), kind)


def test_a_sender_s_own_channel_is_nobody_else_s(team: Team) -> None:
    row = connected(team, Kind.LINKEDIN, identity=team.sender)
    place = str(team.place.pk)

    assert channels.channel_for(place, Kind.LINKEDIN, team.sender) == row
    with pytest.raises(ValidationFailed, match="for this sender"):
        channels.channel_for(place, Kind.LINKEDIN)


def test_an_mcp_server_is_found_by_its_name(team: Team) -> None:
    row = connected(team, Kind.MCP, name="weather", settings={"url": "https://w.example"})

    assert channels.channel_for(str(team.place.pk), Kind.MCP, name="weather") == row
    with pytest.raises(ValidationFailed):
        channels.channel_for(str(team.place.pk), Kind.MCP, name="maps")


def test_a_refused_secret_pauses_the_channel_once_and_tells_once(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, told = connected(team), []

    def tell(actor: Actor, channel: channels.AnyChannel) -> None:
        told.append(str(channel.pk))

    monkeypatch.setattr(channels, "ON_PAUSE", [tell])
    first = channels.note_failure(row, "Slack rejected the token.")
    again = [channels.note_failure(row, "Slack rejected the token.") for _ in range(20)]

    assert (first, set(again), told) == (True, {False}, [str(row.pk)])
    assert AuditEntry.objects.filter(verb="identities.channel.pause").count() == 1
    with pytest.raises(Unavailable, match="paused: Slack rejected"):
        channels.channel_for(str(team.place.pk), Kind.SLACK)
    # A late success of a call that began before does not open it again.
    channels.note_success(row)
    row.refresh_from_db()
    assert row.state == PAUSED


def test_success_and_trouble_show_and_pause_nothing(team: Team) -> None:
    row = connected(team)
    assert row.state == UNCHECKED

    channels.note_trouble(row, "The server did not answer.")
    row.refresh_from_db()
    assert (row.state, row.last_used_at) == (FAILING, None)
    channels.channel_for(str(team.place.pk), Kind.SLACK)

    channels.note_success(row)
    row.refresh_from_db()
    assert (row.state, row.state_sentence) == (OK, "")
    assert row.last_used_at is not None


def test_an_opened_secret_shows_in_no_log_and_no_message(
    team: Team, caplog: pytest.LogCaptureFixture
) -> None:
    row = connected(team)
    opened = row.opened()
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("test").warning("%s %r %s", opened, opened, row)

    assert CANARY not in f"{opened} {opened!r} {row!r} {row} {caplog.text} {row.secret}"
    assert opened["token"] == CANARY


def test_a_secret_copied_to_another_channel_does_not_open(team: Team) -> None:
    mine = connected(team)
    other = connected(team, Kind.RESEND)
    Channel.objects.filter(pk=other.pk).update(secret=mine.secret)

    with pytest.raises(Unavailable, match="another row"):
        Channel.objects.get(pk=other.pk).opened()


@pytest.mark.parametrize(
    "facts",
    [
        {"kind": "slack"},
        {"kind": "fax"},
        {"kind": "resend", "state": "fine"},
        {"kind": "linkedin"},
    ],
)
def test_the_database_refuses_what_is_no_channel(team: Team, facts: dict[str, Any]) -> None:
    connected(team)

    with pytest.raises(IntegrityError), transaction.atomic():
        Channel.objects.create(workspace=team.place, created_at=team.place.created_at, **facts)


def test_a_workspace_wide_channel_is_of_no_sender(team: Team) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        connected(team, identity=team.sender)


def test_a_day_is_one_of_the_workspace_s_zone(team: Team) -> None:
    team.place.time_zone = "Pacific/Auckland"
    team.place.save()
    team.sender.workspace = team.place
    with time_machine.travel(datetime(2026, 11, 25, 10, 30, tzinfo=UTC), tick=False):
        send_counters.count_one(team.sender, "email_message")
        assert send_counters.sent_today(team.sender, "email_message") == 1
    with time_machine.travel(datetime(2026, 11, 25, 11, 30, tzinfo=UTC), tick=False):
        # Half past midnight in Auckland.
        assert send_counters.sent_today(team.sender, "email_message") == 0
        last = send_counters.last_sent_at(team.sender)
    assert last is not None
    assert last + timedelta(hours=1) == datetime(2026, 11, 25, 11, 30, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_count_two() -> None:
    team = identities_team()

    def count(_: int) -> None:
        try:
            send_counters.count_one(team.sender, "email_message")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, range(12)))

    assert send_counters.sent_today(team.sender, "email_message") == 12
    assert SendCount.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_counted_while_another_is_about_to_write_is_not_lost() -> None:
    team = identities_team()
    send_counters.count_one(team.sender, "email_message")
    about_to_write, counted = threading.Event(), threading.Event()

    def wait(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("UPDATE"):
            about_to_write.set()
            assert counted.wait(60)
        return execute(sql, *rest)

    def slowly() -> None:
        try:
            with connection.execute_wrapper(wait):
                send_counters.count_one(team.sender, "email_message")
        finally:
            connection.close()

    worker = threading.Thread(target=slowly)
    worker.start()
    assert about_to_write.wait(60)
    send_counters.count_one(team.sender, "email_message")
    counted.set()
    worker.join()

    assert send_counters.sent_today(team.sender, "email_message") == 3


@pytest.mark.django_db(transaction=True)
def test_of_many_failing_at_once_one_pauses_it() -> None:
    row = connected(identities_team())

    def fail(_: int) -> bool:
        try:
            return channels.note_failure(row, "Slack rejected the token.")
        except Unavailable:  # a busy machine: waited for the first one and changed nothing
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        paused = list(pool.map(fail, range(12)))

    assert sum(paused) == 1
