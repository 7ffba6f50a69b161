"""The external types and their providers, as data for the tests common to all."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from approvals.cards import build
from approvals.models import Action
from core import clock, operations
from core.operations import Proposal, Request
from fakes import hubspot, resend, slack, unipile
from identities import channels
from identities.models import Channel, Kind
from tests.approvals.conftest import Team, approve
from tests.fakes import Provider, running


@dataclass(frozen=True)
class Case:
    """One external type: its provider, its params, and the path of its request."""

    name: str
    fake: str
    setting: str
    base: str
    kind: Kind
    token: str
    path: str
    params: dict[str, Any]
    settings: dict[str, Any] = field(default_factory=dict)
    has_sender: bool = False
    has_key: bool = False  # asked again after an unknown outcome
    needs_fresh_login: bool = False

    def __str__(self) -> str:
        return self.name


SLACK_CHANNELS = {
    "channels": [
        {"id": "C0SALES001", "name": "sales", "is_allowed": True},
        {"id": "C0PARTNER1", "name": "partner", "is_allowed": True, "is_shared": True},
        {"id": "C0GENERAL1", "name": "general"},
        {"id": "C0ABSENT01", "name": "elsewhere", "is_allowed": True},
    ]
}
PROFILE = "https://www.linkedin.com/in/ana-ng"
_RESEND = {"fake": "resend", "setting": "RESEND_API_URL", "base": "", "kind": Kind.RESEND}
_UNIPILE = {
    "fake": "unipile",
    "setting": "UNIPILE_API_URL",
    "base": "",
    "kind": Kind.LINKEDIN,
    "settings": {"account_id": unipile.ACCOUNT},
    "has_sender": True,
    "token": unipile.TOKEN,
}

SLACK = Case(
    "send_slack_message",
    "slack",
    "SLACK_API_URL",
    "/api",
    Kind.SLACK,
    slack.TOKEN,
    "/api/chat.postMessage",
    {"channel": "C0SALES001", "text": "Ana <asked> for & got a demo"},
    SLACK_CHANNELS,
)
EMAIL = Case(
    name="resend_send_email",
    token=resend.TOKEN,
    path="/emails",
    params={"contact_id": "ANA", "subject": "Zürich ☕", "text": "Hi **Ana**!"},
    has_sender=True,
    has_key=True,
    **_RESEND,  # type: ignore[arg-type]
)
CONTACT = Case(
    name="resend_create_contact",
    token=resend.TOKEN,
    path="/contacts",
    params={"contact_id": "ANA", "segment_ids": [resend.SEGMENT]},
    **_RESEND,  # type: ignore[arg-type]
)
BROADCAST = Case(
    name="resend_create_broadcast",
    token=resend.TOKEN,
    path="/broadcasts",
    params={"segment_id": resend.SEGMENT, "subject": "News", "text": "We have news."},
    has_sender=True,
    needs_fresh_login=True,
    **_RESEND,  # type: ignore[arg-type]
)
PUSH = Case(
    "sync_to_crm",
    "hubspot",
    "HUBSPOT_API_URL",
    "",
    Kind.HUBSPOT,
    hubspot.TOKEN,
    "/crm/v3/objects/contacts/batch/upsert",
    {"entity_type": "contact", "entity_id": "ANA", "direction": "push"},
    has_key=True,
)
INVITATION = Case(
    name="linkedin_connection",
    path="/api/v1/users/invite",
    params={"profile_url": PROFILE, "message": "Shall we connect?"},
    **_UNIPILE,  # type: ignore[arg-type]
)
MESSAGE = Case(
    name="linkedin_message",
    path="/api/v1/chats",
    params={"profile_url": PROFILE, "message": "Hi Ana,\nsee you on Monday."},
    **_UNIPILE,  # type: ignore[arg-type]
)
CASES = [SLACK, EMAIL, CONTACT, BROADCAST, PUSH, INVITATION, MESSAGE]
AT_MOST_ONCE = [case for case in CASES if not case.has_key]
WITH_A_KEY = [case for case in CASES if case.has_key]


@contextmanager
def provider(case: Case, team: Team, settings: Any, folder: Path) -> Iterator[Provider]:
    """The case's fake server, connected to the team; without an undo window."""
    with running(case.fake, folder) as started:
        url = started.origin + case.base
        setattr(settings, case.setting, url)
        settings.UNIPILE_API_KEY = unipile.TOKEN
        settings.OUTBOUND_OPERATOR_ORIGINS = [url]
        settings.UNDO_WINDOW_SECONDS = settings.UNDO_WINDOW_CHAT_SECONDS = 0
        connect(case, team)
        yield started


def connect(case: Case, team: Team) -> Channel:
    """The channel as an admin would have opened it."""
    personal = case.kind.is_personal
    channel = Channel(
        workspace=team.place,
        kind=case.kind,
        identity=team.mailer if personal else None,
        settings=case.settings,
        created_at=clock.now(),
    )
    channel.secret = channels.sealed(channel, case.token)
    channel.save(force_insert=True)
    return channel


def draft(case: Case, team: Team, **changes: Any) -> dict[str, Any]:
    """Propose the case's params by Mia's app; returns the answer."""
    params = {**case.params, **changes}
    given = {
        key: str(team.ana.pk) if value == "ANA" else value
        for key, value in params.items()
        if value is not None
    }
    proposal = Proposal(identity_id=str(team.mailer.pk) if case.has_sender else None)
    return operations.submit(
        team.claude, operations.get(f"approvals.{case.name}"), given, Request(proposal=proposal)
    )


def approved(case: Case, team: Team, **changes: Any) -> Action:
    """The same, approved by Rex with a fresh login."""
    action_id = draft(case, team, **changes)["action_id"]
    shown = build.shown(team.reviewer, action_id)
    approve(team.reviewer.with_fresh_login(), action_id, audience=shown.audience_token)
    return Action.objects.get(pk=action_id)


def due_now(action: Action) -> None:
    """Make the waiting action due."""
    Action.objects.filter(pk=action.pk).update(runs_at=clock.now())


def again(action: Action) -> Action:
    """The row as it is now."""
    return Action.objects.get(pk=action.pk)
