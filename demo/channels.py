"""The demo's connections: every provider is a fake server on this machine, with a made-up token."""

from collections.abc import Mapping

from django.conf import settings

from accounts.models import Workspace
from core import clock
from core.errors import AppError
from identities import channels
from identities.models import Channel, Identity, Kind
from identities.providers.http import Denied
from identities.providers.mcp import servers

SLACK = {
    "team": "Acme",
    "channels": [
        {"id": "C0GENERAL1", "name": "general"},
        {"id": "C0SALES001", "name": "sales", "is_allowed": True},
        {"id": "C0PARTNER1", "name": "acme-and-partner", "is_shared": True},
    ],
}
ALLOWED_TOOLS = {"open_ticket"}


def connect(place: Workspace, senders: Mapping[str, Identity]) -> None:
    """Make what is missing; one that somebody changed stays as it is, but for the server's port."""
    _channel(place, Kind.SLACK, "xoxb-fake-token", SLACK)
    _channel(place, Kind.RESEND, "re_fake_key", {})
    _channel(place, Kind.HUBSPOT, "pat-fake-token", {"portal_id": 4242})
    for address in ("mia.moss@acme.test", "ada.lind@acme.test"):
        account = {"account_id": "acc_fake_1", "profile_name": str(senders[address])}
        _channel(place, Kind.LINKEDIN, "", account, identity=senders[address])
    if settings.DEMO_MCP_URL:
        _helpdesk(place)


def _channel(
    place: Workspace,
    kind: Kind,
    token: str,
    given: Mapping[str, object],
    identity: Identity | None = None,
) -> None:
    if Channel.objects.filter(workspace=place, kind=kind, identity=identity).exists():
        return
    row = Channel(
        workspace=place, kind=kind, identity=identity, settings=dict(given), created_at=clock.now()
    )
    row.secret = channels.sealed(row, token)
    row.save(force_insert=True)


def _helpdesk(place: Workspace) -> None:
    """The external MCP server. Its port is another one in each run; its tools are read once."""
    row = Channel.objects.filter(workspace=place, kind=Kind.MCP, name="helpdesk").first()
    if row is not None:
        row.settings = {**row.settings, "url": settings.DEMO_MCP_URL}
        row.save(update_fields=["settings"])
        return
    row = Channel(workspace=place, kind=Kind.MCP, name="helpdesk", created_at=clock.now())
    row.settings = {"url": settings.DEMO_MCP_URL, "header": "X-Api-Key"}
    row.secret = channels.sealed(row, "mcp-fake-token")
    try:
        offered = servers.offered(row)
    except (AppError, Denied):
        return
    row.settings["tools"] = [
        {**tool.model_dump(), "is_allowed": tool.name in ALLOWED_TOOLS} for tool in offered
    ]
    row.save(force_insert=True)
