"""Every provider: the approved draft arrives once, unchanged, or a person is notified why not."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from approvals.models import Action, Attempt, Breaker
from approvals.sending import circuit_breaker, claim, waiting
from approvals.sending.loop import run_once
from approvals.stopping import kill_switch
from core import clock
from core.errors import Conflict, ValidationFailed
from fakes.base import Call
from fakes.unipile import form_of
from identities import channels
from identities.models import Channel
from identities.providers import calls as http
from tests import factories
from tests.approvals.conftest import Team, decide
from tests.approvals.fake_providers import (
    AT_MOST_ONCE,
    CASES,
    EMAIL,
    MESSAGE,
    SLACK,
    WITH_A_KEY,
    Case,
    again,
    approved,
    draft,
    due_now,
    provider,
)
from tests.fakes import Provider


@pytest.fixture
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


@pytest.fixture
def outside(case: Case, team: Team, settings: Any, tmp_path: Path) -> Iterator[Provider]:
    with provider(case, team, settings, tmp_path) as started:
        yield started


every = pytest.mark.parametrize("case", CASES, indirect=True, ids=str)
once = pytest.mark.parametrize("case", AT_MOST_ONCE, indirect=True, ids=str)
keyed = pytest.mark.parametrize("case", WITH_A_KEY, indirect=True, ids=str)
slack_only = pytest.mark.parametrize("case", [SLACK], indirect=True, ids=str)
email_only = pytest.mark.parametrize("case", [EMAIL], indirect=True, ids=str)


@every
def test_what_was_approved_is_what_arrives(case: Case, team: Team, outside: Provider) -> None:
    action = approved(case, team)
    assert outside.lines(case.path) == []

    assert run_once("w") == 1

    (line,) = outside.lines(case.path)
    request = (again(action).rendered or {})["request"]
    assert received(case, line) == expected(case, request)
    done = again(action)
    assert (done.status, done.attempts) == ("completed", 1)
    assert done.receipt is not None
    assert done.receipt["provider_id"]
    assert "external" not in done.receipt
    channel = Channel.objects.get()
    assert (channel.state, channel.last_used_at is not None) == ("ok", True)


def received(case: Case, line: dict[str, Any]) -> Any:
    """The body as it came; of a form its fields, without the id that was looked up."""
    if case is not MESSAGE:
        return line["body"] if case.fake != "unipile" else as_call(line).json
    return form_of(as_call(line))


def as_call(line: dict[str, Any]) -> Call:
    headers = {"content-type": line["content_type"]}
    return Call("POST", line["path"], {}, headers, line["body"].encode())


def expected(case: Case, request: dict[str, Any]) -> Any:
    if case.name == "sync_to_crm":
        upsert = {"id": request["key"], "idProperty": "email", "properties": request["properties"]}
        return http.body_of({"inputs": [upsert]}).decode()
    if case.fake != "unipile":
        return http.body_of(request).decode()
    who = "attendees_ids" if case is MESSAGE else "provider_id"
    return {**request, who: "ACoAAana-ng"}


@every
def test_nothing_leaves_without_a_persons_yes(case: Case, team: Team, outside: Provider) -> None:
    answer = draft(case, team)

    assert answer["status"] == "queued"
    assert run_once("w") == 0
    assert outside.lines() == []


@every
def test_a_refused_secret_pauses_the_channel_and_what_waits_for_it_waits(
    case: Case, team: Team, outside: Provider, settings: Any
) -> None:
    channel = Channel.objects.get()
    first, second = approved(case, team), approved(case, team, **other(case))
    Channel.objects.update(secret=channels.sealed(channel, "wrong"))
    settings.UNIPILE_API_KEY = "wrong"

    run_once("w")
    run_once("w")

    for action in (first, second):
        waits = again(action)
        assert (waits.status, waits.status_detail) == ("approved", "waiting_channel")
    assert Channel.objects.get().state == "paused"
    asked = len(outside.lines())
    due_now(first)
    run_once("w")
    assert len(outside.lines()) == asked, "a paused channel is left alone"
    assert outside.effects() == []

    Channel.objects.update(secret=channels.sealed(channel, case.token), state="ok")
    settings.UNIPILE_API_KEY = case.token
    Breaker.objects.all().delete()
    for action in (first, second):
        due_now(action)
    run_once("w")
    assert {again(first).status, again(second).status} == {"completed"}


def other(case: Case) -> dict[str, Any]:
    """Arguments that make a second draft differ."""
    if case.name == "resend_create_contact":
        return {"contact_id": None, "email": "bob@umbrella.example"}
    if case.name == "sync_to_crm":
        return {"direction": "pull"}
    if case.fake == "unipile":
        return {"profile_url": "https://www.linkedin.com/in/bob"}
    return {"text": "Another text"}


@every
def test_too_many_requests_waits_as_long_as_the_provider_says(
    case: Case, team: Team, outside: Provider
) -> None:
    outside.fault(case.path, "status", status=429, retry_after=90)
    action = approved(case, team)

    run_once("w")

    waits = again(action)
    assert (waits.status, waits.status_detail) == ("approved", "waiting_provider")
    assert waits.runs_at is not None
    assert timedelta(seconds=80) < waits.runs_at - clock.now() < timedelta(seconds=120)
    assert outside.effects() == []
    assert Channel.objects.get().state == "failing"
    due_now(action)
    run_once("w")
    assert again(action).status == "approved", "the channel rests as long as it was asked to"
    Breaker.objects.update(open_until=clock.now())
    due_now(action)
    run_once("w")
    assert again(action).status == "completed"
    assert len(outside.effects()) == 1


@once
@pytest.mark.parametrize("fault", ["fault_after", "cut", "half"])
def test_without_a_key_nobody_can_tell_and_nothing_is_sent_again(
    case: Case, team: Team, outside: Provider, fault: str
) -> None:
    outside.fault(case.path, fault)
    action = approved(case, team)

    run_once("w")
    run_once("w")

    lost = again(action)
    assert (lost.status, lost.status_detail) == ("failed", "outcome_unknown")
    assert lost.attempts == 1
    assert len(outside.effects()) == 1, "it had arrived"


@keyed
@pytest.mark.parametrize("fault", ["fault_after", "cut", "half"])
def test_with_a_key_it_is_asked_again_and_done_once(
    case: Case, team: Team, outside: Provider, fault: str
) -> None:
    outside.fault(case.path, fault)
    action = approved(case, team)

    run_once("w")
    waits = again(action)
    assert (waits.status, waits.status_detail) == ("approved", "waiting_provider")
    due_now(action)
    run_once("w")

    assert again(action).status == "completed"
    first, second = outside.lines(case.path)
    assert first["body"] == second["body"]
    assert first["idempotency_key"] == second["idempotency_key"]
    if case is EMAIL:
        assert second["replayed"]
        assert len(outside.effects()) == 1
        assert first["idempotency_key"]


@email_only
def test_a_silent_provider_is_not_waited_for_long(
    case: Case, team: Team, outside: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "TOTAL_SECONDS", 0.5)
    outside.fault(case.path, "slow", seconds=3)
    action = approved(case, team)

    run_once("w")

    assert again(action).status_detail == "waiting_provider"
    assert Attempt.objects.get().outcome == "outcome_unknown"


@email_only
def test_it_is_tried_five_times_and_then_a_person_looks(
    case: Case, team: Team, outside: Provider
) -> None:
    action = approved(case, team)
    waits: list[float] = []
    for _ in range(waiting.MOST_TRIES):
        outside.fault(case.path, "cut")
        before = clock.now()
        run_once("w")
        now = again(action)
        waits.append((now.runs_at - before).total_seconds() if now.runs_at else 0)
        Breaker.objects.all().delete()
        due_now(action)

    run_once("w")

    failed = again(action)
    assert (failed.status, failed.status_detail) == ("failed", "outcome_unknown")
    assert failed.attempts == waiting.MOST_TRIES
    assert waits[0] < waits[1] < waits[2] < waits[3], "the waits grow"
    assert len(outside.effects()) == 1


@email_only
def test_what_may_have_gone_out_can_be_neither_undone_nor_edited(
    case: Case, team: Team, outside: Provider
) -> None:
    outside.fault(case.path, "cut")
    action = approved(case, team)
    run_once("w")

    with pytest.raises(Conflict):
        decide(team.reviewer, "undo", str(action.pk))
    with pytest.raises(Conflict):
        decide(team.reviewer, "reject", str(action.pk))
    with pytest.raises(Conflict):
        decide(team.reviewer, "edit", str(action.pk), params=dict(action.params))


@email_only
def test_what_may_have_gone_out_does_not_come_back_as_a_draft(
    case: Case, team: Team, outside: Provider
) -> None:
    outside.fault(case.path, "cut")
    action = approved(case, team)
    run_once("w")
    type(team.mailer).objects.filter(pk=team.mailer.pk).update(signature="Somebody else")
    due_now(action)

    run_once("w")

    lost = again(action)
    assert (lost.status, lost.status_detail) == ("failed", "outcome_unknown")


@email_only
def test_a_stop_does_not_make_a_fresh_draft_of_what_may_have_gone_out(
    case: Case, team: Team, outside: Provider
) -> None:
    outside.fault(case.path, "cut")
    action = approved(case, team)
    run_once("w")
    admin = factories.person(team.alice).with_fresh_login()

    kill_switch.stop(admin)
    due_now(action)
    run_once("w")
    assert len(outside.lines()) == 1
    kill_switch.resume(admin)
    assert again(action).status_detail == "waiting_provider"
    run_once("w")

    assert again(action).status == "completed"
    assert len(outside.effects()) == 1


@email_only
def test_a_worker_lost_while_sending_with_a_key_is_made_good(
    case: Case, team: Team, outside: Provider
) -> None:
    action = approved(case, team)
    lose_a_worker(action)

    run_once("w")
    assert again(action).status_detail == "waiting_provider"
    due_now(action)
    run_once("w")

    assert again(action).status == "completed"
    assert len(outside.effects()) == 1


@slack_only
def test_a_worker_lost_while_sending_without_a_key_is_an_unknown_outcome(
    case: Case, team: Team, outside: Provider
) -> None:
    action = approved(case, team)
    lose_a_worker(action)

    run_once("w")

    assert again(action).status_detail == "outcome_unknown"
    assert outside.lines() == []


def lose_a_worker(action: Action) -> None:
    """A worker claimed it, began, and was never heard of again."""
    claim.claim(action, "dead")
    Attempt.objects.create(
        workspace_id=action.workspace_id,
        action=action,
        number=1,
        worker="dead",
        fingerprint=action.fingerprint,
        begun_at=clock.now(),
    )
    past = clock.now() - timedelta(seconds=1)
    Action.objects.filter(pk=action.pk).update(lease_until=past, attempts=1)


@slack_only
def test_a_provider_that_is_not_there_is_tried_later(
    case: Case, team: Team, outside: Provider, settings: Any
) -> None:
    settings.SLACK_API_URL = "http://127.0.0.1:9/api"
    settings.OUTBOUND_OPERATOR_ORIGINS = [settings.SLACK_API_URL]
    action = approved(case, team)

    run_once("w")

    assert again(action).status_detail == "waiting_provider"
    assert Attempt.objects.get().outcome == "not_sent"
    decide(team.reviewer, "undo", str(action.pk))
    assert again(action).status_detail == "undone"


@slack_only
def test_a_broken_provider_is_left_alone_and_then_tried_by_one(
    case: Case, team: Team, outside: Provider, settings: Any
) -> None:
    settings.SLACK_API_URL = "http://127.0.0.1:9/api"
    settings.OUTBOUND_OPERATOR_ORIGINS = [settings.SLACK_API_URL]
    for number in range(circuit_breaker.OPENS_AFTER + 2):
        approved(case, team, text=f"Message {number}")

    run_once("w")

    assert Attempt.objects.count() == circuit_breaker.OPENS_AFTER
    assert not Action.objects.exclude(status_detail="waiting_provider").exists()
    Breaker.objects.update(open_until=clock.now() - timedelta(seconds=1))
    Action.objects.update(runs_at=clock.now())
    run_once("w")
    assert Attempt.objects.count() == circuit_breaker.OPENS_AFTER + 1, "one tries for all"


@slack_only
def test_another_workspaces_trouble_is_not_ours(case: Case, team: Team, outside: Provider) -> None:
    channel = Channel.objects.get()
    for _ in range(circuit_breaker.OPENS_AFTER):
        circuit_breaker.note_trouble(channel, None)
    assert circuit_breaker.open_until(channel) is not None
    channel.pk = Channel._meta.pk.get_default()

    assert circuit_breaker.open_until(channel) is None


@every
def test_a_channel_that_is_gone_is_said_before_anybody_drafts(case: Case, team: Team) -> None:
    with pytest.raises(ValidationFailed):
        draft(case, team)
    assert not Action.objects.exists()


@every
def test_a_channel_that_goes_after_approval_keeps_it_from_leaving(
    case: Case, team: Team, outside: Provider
) -> None:
    action = approved(case, team)
    Channel.objects.all().delete()

    run_once("w")

    back = again(action)
    assert (back.status, back.status_detail) == ("pending_approval", "drifted")
    assert outside.lines(case.path) == []


@every
def test_fields_nobody_offers_are_refused(case: Case, team: Team, outside: Provider) -> None:
    extras: list[dict[str, Any]] = [
        {"from": "ceo@bank.example"},
        {"reply_to": "eve@evil.example"},
        {"headers": {"X": "y"}},
        {"scheduled_at": "in 1 hour"},
        {"attachments": [{"path": "https://evil.example/x.pdf"}]},
        {"unfurl_links": True},
        {"token": "xoxb-other"},
    ]
    for extra in extras:
        with pytest.raises(ValidationFailed):
            draft(case, team, **extra)


@every
def test_no_secret_is_in_what_is_stored(case: Case, team: Team, outside: Provider) -> None:
    action = approved(case, team)
    run_once("w")

    stored = [str(value) for value in Action.objects.filter(pk=action.pk).values_list()]
    stored += [str(row) for row in Attempt.objects.values_list()]
    stored += [str(row) for row in action.steps.values_list()]
    assert again(action).status == "completed"
    assert case.token not in "".join(stored)
