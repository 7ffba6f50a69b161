"""Secrets and bodies are not readable in answers, pages, files, logs or rows."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from agents.models import Run
from approvals.models import Action
from crm.models import Segment
from identities.models import Channel, Mailbox
from tests import factories
from tests.security import surfaces
from tests.security.planted_secrets import BODY, Installation, installed

pytestmark = pytest.mark.slow

# A message's text is part of its card, and of the pages and answers that show cards.
SEEN = {"200 ", "302 ", "403 ", "404 ", "405 ", "400 ", "401 ", "409 "}
CONTROLS = {
    "identities.channel.open": "audit as csv",
    "mia@own.example": "table identities_mailbox",
    "sessions.session": "dumpdata",
    "pathbound_outbox_due": "metrics",
}
WITHOUT_BODIES = re.compile(r"logs|metrics|audit|table core_|table accounts_|/health|admin:core_")


@pytest.fixture
def team(db: None, settings: Any, tmp_path: Path) -> Iterator[Installation]:
    settings.MCP_RATE_LIMIT = "10000/s"
    with surfaces.heard() as said, installed(settings, tmp_path) as made:
        made.heard = said
        yield made


def everything(team: Installation) -> dict[str, str]:
    """Each surface and what it says."""
    operator = Client()
    facts = {"is_staff": True, "is_superuser": True}
    operator.force_login(User.objects.create_user("ops@x.example", factories.PASSWORD, **facts))
    ids = {name: [team.scenario.ids[prefix]] for name, prefix in surfaces.IN_PATHS.items()}
    ids |= {
        "channel_id": [str(pk) for pk in Channel.objects.values_list("pk", flat=True)],
        "kind": ["slack", "resend", "hubspot"],
        "mailbox_id": [str(pk) for pk in Mailbox.objects.values_list("pk", flat=True)],
        "identity_id": [str(m.identity_id) for m in Mailbox.objects.all()],
        "job_id": [str(run.job_id) for run in Run.objects.all()] + [team.scenario.ids["job"]],
        "action_id": [str(row.pk) for row in Action.objects.all()],
        "run_id": [str(run.pk) for run in Run.objects.all()],
        "segment_id": [str(row.pk) for row in Segment.objects.all()],
        "token": [team.secrets["invitation"], team.secrets["verification"]],
    }
    read = [
        *surfaces.by_tools(team.scenario, team.token),
        *surfaces.by_routes(team.scenario, team.key),
        *surfaces.by_pages(team.browser, ids),
        *surfaces.by_copies(team.browser),
        *surfaces.by_operators(operator),
        *surfaces.by_dumps(),
        *surfaces.by_machines(team.browser),
    ]
    return {**dict(read), "logs": team.heard.getvalue()}


def found(secrets: dict[str, str], said: dict[str, str]) -> list[str]:
    """Which secret appears where, as a whole word."""
    return [
        f"{what} in {where}"
        for where, text in said.items()
        for what, secret in secrets.items()
        if secret in text and re.search(rf"(?<!\w){re.escape(secret)}(?!\w)", text)
    ]


def test_no_secret_and_no_body_can_be_read_where_it_must_not(team: Installation) -> None:
    said = everything(team)

    assert found(team.secrets, said) == []
    plain = {where: text for where, text in said.items() if WITHOUT_BODIES.match(where)}
    assert found({"the body": BODY}, plain) == []

    # The searched answers were complete and not empty.
    assert len(team.secrets) > 20
    answers = [text for where, text in said.items() if where.startswith(("tool ", "GET "))]
    assert [text[:200] for text in answers if not text.startswith("200 ")] == []
    assert {text[:4] for where, text in said.items() if where.startswith("page ")} <= SEEN
    shown = {where.split()[0] for where, text in said.items() if BODY in text}
    assert {"tool", "GET", "page", "table", "dumpdata"} <= shown
    for told, where in CONTROLS.items():
        assert told in said[where], where
    assert "request_finished" in said["logs"]
    assert "/join/..." in said["logs"]
