"""`manage.py demo` on an empty database."""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO

import pytest
import time_machine
from django.core.management.base import CommandError
from pytest_django import Settings

from accounts.models import User
from approvals.vocabulary import Status
from crm.models import Event, Note
from pathbound_mcp.checks import DEMO_PASSWORD
from tests import factories
from tests.demo.conftest import ACME_SIZE, NOW, by_hand, run_demo


@pytest.fixture(autouse=True)
def _afternoon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


class _ClosedTerminal(StringIO):
    """Goes away when the first events are written."""

    def write(self, text: str) -> int:
        if "events up to" in text:
            raise BrokenPipeError
        return super().write(text)


def test_a_run_that_was_cut_short_is_completed(demo: None) -> None:
    with pytest.raises(BrokenPipeError):
        run_demo(out=_ClosedTerminal())
    written = Event.objects.count()
    assert written >= ACME_SIZE.events
    assert not Note.objects.exists()

    run_demo()

    assert Event.objects.filter(workspace__slug="acme").count() == written
    assert Note.objects.exists()
    assert by_hand().count() == 27


def test_it_needs_demo_to_be_set(settings: Settings, db: None) -> None:
    settings.DEMO = False

    with pytest.raises(CommandError, match="DEMO=1"):
        run_demo()

    assert not User.objects.exists()


def test_it_keeps_away_from_other_workspaces(demo: None) -> None:
    factories.workspace("Real")

    with pytest.raises(CommandError, match=r"not the demo's \(real\)"):
        run_demo()

    assert not User.objects.exists()


@pytest.mark.parametrize("option", ["--contacts=0", "--events=-5"])
def test_a_number_below_one_is_refused(demo: None, option: str) -> None:
    with pytest.raises(CommandError, match="at least 1"):
        run_demo(option)


def test_random_passwords_are_printed_once_and_work(demo: None) -> None:
    out = run_demo("--random-passwords")

    lines = dict(line.split() for line in out.splitlines() if "@" in line)
    assert set(lines) == set(User.objects.values_list("email", flat=True))
    assert User.objects.get(email="ada@acme.test").check_password(lines["ada@acme.test"])
    assert not User.objects.get(email="ada@acme.test").check_password(DEMO_PASSWORD)
    assert "@" not in run_demo("--random-passwords")


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 3, 9, 0, 4, tzinfo=UTC),  # a Monday, minutes after midnight
        datetime(2026, 3, 14, 12, 0, tzinfo=UTC),  # a Saturday
        datetime(2026, 3, 15, 23, 58, tzinfo=UTC),  # a Sunday, late
    ],
)
def test_the_ledger_is_sound_at_any_hour_of_the_first_run(demo: None, moment: datetime) -> None:
    with time_machine.travel(moment, tick=False):
        run_demo()

    assert by_hand().count() == 27
    for action in by_hand():
        steps = [step.at for step in action.steps.order_by("at")]
        assert action.created_at == steps[0]
        assert steps[-1] <= moment
        ids = [found for found in action.evidence if found.startswith("evt_")]
        events = Event.objects.filter(pk__in=ids, contact=action.contact)
        assert events.filter(timestamp__lte=action.created_at).count() == len(ids) > 0
        assert action.status != Status.PENDING or (action.expires_at or moment) > moment
