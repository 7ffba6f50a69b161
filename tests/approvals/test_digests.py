"""The digest: in working hours, hourly at most, when something is new, to whom it concerns."""

from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Notice, User, Workspace
from approvals.attention import digests
from approvals.models import Action
from approvals.vocabulary import Status
from core import clock, seals
from pathbound_mcp.protocol import tool_calls
from tests import factories
from tests.approvals.conftest import Team, approve
from tests.approvals.test_attention import failed, unknown
from tools import catalog

pytestmark = pytest.mark.django_db
TUESDAY = datetime.fromisoformat("2026-11-24T10:30:00+00:00")


def told() -> list[tuple[str, str]]:
    rows = Notice.objects.filter(kind="digest").order_by("created_at", "user__email")
    return [(str(row.user), row.facts["what"]) for row in rows.select_related("user")]


def test_those_who_decide_are_told_how_many_wait_and_since_when(team: Team) -> None:
    with time_machine.travel(TUESDAY - timedelta(hours=2, minutes=5)):
        team.draft_mail()
        team.draft_change()
    with time_machine.travel(TUESDAY):
        assert digests.post_due() == 2

    words = "2 actions wait for approval, the oldest for 2 h"
    assert told() == [("Alice", words), ("Rex", words)]


def test_nothing_new_is_nothing_told(team: Team) -> None:
    with time_machine.travel(TUESDAY) as clockwork:
        team.draft_mail()
        assert [digests.post_due(), digests.post_due()] == [2, 0]
        team.draft_change()
        assert digests.post_due() == 0  # the slot of this hour is taken
        clockwork.shift(timedelta(hours=1))
        assert digests.post_due() == 2
        clockwork.shift(timedelta(hours=1))
        assert digests.post_due() == 0


@pytest.mark.parametrize(
    ("moment", "zone", "expected"),
    [
        ("2026-11-24T07:59:00+00:00", "", 0),
        ("2026-11-24T08:00:00+00:00", "", 2),
        ("2026-11-24T18:00:00+00:00", "", 0),
        ("2026-11-28T10:00:00+00:00", "", 0),
        ("2026-11-24T07:30:00+00:00", "Europe/Berlin", 2),
        ("2026-11-29T23:30:00+00:00", "Asia/Tokyo", 2),
        ("2026-11-24T17:30:00+00:00", "Europe/Berlin", 0),
    ],
)
def test_working_hours_are_the_persons_or_the_workspaces(
    team: Team, moment: str, zone: str, expected: int
) -> None:
    with time_machine.travel(datetime.fromisoformat(moment)):
        team.draft_mail()
        User.objects.update(time_zone=zone)
        assert digests.post_due() == expected
    if zone:
        Notice.objects.all().delete()
        User.objects.update(time_zone="")
        Workspace.objects.update(time_zone=zone)
        with time_machine.travel(datetime.fromisoformat(moment)):
            assert digests.post_due() == expected


def test_each_gets_what_he_chose(team: Team, settings: Any) -> None:
    User.objects.filter(pk=team.alice.user_id).update(notices="none")
    User.objects.filter(pk=team.mia.user_id).update(notices="digest")
    with time_machine.travel(TUESDAY):
        failed(team, settings)
        digests.post_due()
        # Rex was notified of the failure at once and has nothing waiting; Mia gets digests only.
        assert told() == [("Mia", "1 needs attention")]
        at_once = Notice.objects.filter(kind="attention").select_related("user")
        assert [str(row.user) for row in at_once] == ["Rex"]


# --- manage.py outbox and /metrics ---


def outbox(**options: Any) -> str:
    out = StringIO()
    try:
        call_command("outbox", stdout=out, **options)
    except CommandError as error:
        return f"{out.getvalue()}exit {error.returncode}"
    return f"{out.getvalue()}exit 0"


def test_the_outbox_shows_depth_age_and_unknown_outcomes(team: Team, settings: Any) -> None:
    team.draft_mail(subject="Waits")
    said = outbox()
    assert "pending_approval  1" in said
    assert said.endswith("exit 0")

    unknown(team, settings)
    said = outbox()
    assert "unknown outcomes  1" in said
    assert said.endswith("exit 3")

    action_id = str(team.draft_mail(subject="Late")["action_id"])
    approve(team.reviewer, action_id)
    with time_machine.travel(clock.now() + timedelta(seconds=90)):
        said = outbox()
        assert "due now           1" in said
        assert said.endswith("exit 1")
        assert outbox(late=600).endswith("exit 3")
    assert outbox(late=0).endswith("exit 2")


def get(**headers: str) -> Any:
    return Client(headers={"host": "127.0.0.1", **headers}).get("/metrics")


def test_metrics_are_plain_text_for_this_machine(team: Team, settings: Any) -> None:
    unknown(team, settings)

    answer = get()

    text = answer.content.decode()
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert 'pathbound_actions{status="failed"} 1.0\n' in text
    assert "pathbound_unknown_outcomes 1.0\n" in text
    assert "pathbound_audit_unsealed 0.0\n" not in text
    seals.seal_waiting()
    assert "pathbound_audit_unsealed 0.0\n" in get().content.decode()
    assert Action.objects.filter(status=Status.FAILED).exists()


def test_metrics_time_requests_by_route_and_tool_calls_by_outcome(team: Team) -> None:
    Client(headers={"host": "127.0.0.1"}).get("/v1/contacts/con_some-id")
    actor = factories.app(team.alice)
    tool = catalog.find(actor, "list_actions")
    assert tool is not None
    for arguments in ({}, {"limit": -1}):
        tool_calls.run(actor, tool, arguments)

    text = get().content.decode()

    request, call = (
        "pathbound_http_request_duration_seconds",
        "pathbound_tool_call_duration_seconds",
    )
    route = "v1/contacts/<contact_id>"
    assert f'{request}_count{{method="GET",route="{route}",status="401"}}' in text
    assert "con_some-id" not in text
    assert f'{call}_count{{outcome="ok",tool="list_actions"}}' in text
    assert f'{call}_count{{outcome="validation_failed",tool="list_actions"}}' in text


def test_metrics_are_for_the_token_or_for_this_machine_alone(settings: Any, db: None) -> None:
    elsewhere = Client(headers={"host": "127.0.0.1"}, REMOTE_ADDR="203.0.113.9")
    assert get().status_code == 200
    assert elsewhere.get("/metrics").status_code == 403

    settings.METRICS_TOKEN = "secret"
    assert get().status_code == 403
    assert get(authorization="Bearer other").status_code == 403
    assert get(authorization="Basic secret").status_code == 403
    assert get(authorization="Bearer secret").status_code == 200
    answer = elsewhere.get("/metrics", headers={"authorization": "Bearer secret"})
    assert answer.status_code == 200
