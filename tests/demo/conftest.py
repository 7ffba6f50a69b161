from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import call_command
from pytest_django import Settings

from accounts.models import Workspace
from core.ids import new_id
from crm.demo import fill
from crm.demo.site import ACME
from pathbound_mcp.env import here_only

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
    """What such a plan makes; touches no database."""
    made, place = plan(seed), Workspace(id=new_id("ws"), slug="acme", name="Acme")
    return fill.history(made, place, [], since or made.begins, now)


@pytest.fixture(scope="module")
def made() -> fill.History:
    """One history, read by many tests."""
    return history()


@pytest.fixture
def demo(settings: Settings, db: None) -> None:
    """The installation is the demo."""
    settings.DEMO = True
    # What settings.py makes of provider URLs in a demo without its stand-ins: nobody listens there.
    settings.UNIPILE_API_URL = here_only("", demo=True)


def run_demo(*arguments: str) -> str:
    """`manage.py demo`, small; returns what it printed."""
    out = StringIO()
    call_command("demo", "--contacts=60", "--events=1500", *arguments, stdout=out)
    return out.getvalue()
