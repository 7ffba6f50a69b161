from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import StringIO
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.core.management import call_command
from django.test import override_settings

from accounts.models import Workspace
from approvals.models import Action
from approvals.models.action import ActionQuerySet
from core.ids import new_id
from demo import load
from demo.crm import fill
from demo.crm.site import ACME
from pathbound_mcp.env import here_only
from tests import kept

# Little around the cast, which the drafts are about.
ACME_SIZE, GLOBEX = load.Size(contacts=20, events=300), load.Size(contacts=5, events=100)
NOW = datetime(2026, 3, 11, 15, 0, tzinfo=UTC)  # a Wednesday


def plan(seed: str = "1:acme", *, contacts: int = 300, events: int = 6000) -> fill.Plan:
    """A plan whose first day is 90 days before NOW."""
    return fill.Plan(
        seed=seed,
        site=ACME,
        begins=datetime(2025, 12, 11, tzinfo=UTC),
        companies=60,
        contacts=contacts,
        events=events,
        has_cast=True,
    )


def history(
    seed: str = "1:acme", now: datetime = NOW, since: datetime | None = None
) -> fill.History:
    """The history such a plan makes; no database."""
    made, place = plan(seed), Workspace(id=new_id("ws"), slug="acme", name="Acme")
    return fill.history(made, place, [], since or made.begins, now)


@pytest.fixture(scope="module")
def made() -> fill.History:
    """One history, read by many tests."""
    return history()


@contextmanager
def _as_demo() -> Iterator[None]:
    """Without its fake servers: settings.py points provider URLs at an unused port."""
    away = override_settings(DEMO=True, UNIPILE_API_URL=here_only("", demo=True))
    with away, mock.patch.object(load, "GLOBEX_SIZE", GLOBEX):
        yield


@pytest.fixture
def demo(db: None) -> Iterator[None]:
    """The installation is the demo, and empty."""
    with _as_demo():
        yield


@pytest.fixture(scope="module")
def _filled(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    def first_run() -> str:
        with _as_demo(), time_machine.travel(NOW, tick=False):
            return run_demo()

    with kept.rows(django_db_blocker, first_run) as printed:
        yield printed


@pytest.fixture
def filled(_filled: str, demo: None) -> str:
    """The demo after its first run at NOW, and the output of that."""
    return _filled


def run_demo(*arguments: str, out: StringIO | None = None) -> str:
    """`manage.py demo`, small; returns what it printed.

    tests/run/test_whole_run.py checks the real size.
    """
    out = out or StringIO()
    size = (f"--contacts={ACME_SIZE.contacts}", f"--events={ACME_SIZE.events}")
    call_command("demo", *size, *arguments, stdout=out)
    return out.getvalue()


def by_hand() -> ActionQuerySet:
    """The actions of people and their apps; those of the demo's agents vary."""
    rows: ActionQuerySet = Action.objects.filter(agent_id=None).exclude(type="update_agent")
    return rows
