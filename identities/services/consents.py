"""An admin's OAuth consent for an external MCP server; external access (security-5)."""

from accounts.services import access_grants
from core import audit
from core.actor import Actor
from core.db import unit
from core.errors import ValidationFailed
from core.schemas import as_json
from identities.channels import label_of, sealed, settings_of
from identities.models import Channel, Kind
from identities.models.connected import UNCHECKED
from identities.providers.mcp import oauth
from identities.providers.mcp.schemas import McpOAuth, McpSettings
from identities.providers.mcp.servers import refuse_own


def begin(actor: Actor, channel_id: str, redirect_uri: str) -> McpOAuth:
    """Discover the server's token issuer, and register there; outside any transaction.

    Raises Forbidden without a fresh login, NotFound, ValidationFailed and Unavailable.
    """
    access_grants.require(actor)
    channel = _server(actor, channel_id)
    before = settings_of(channel, McpSettings)
    refuse_own(before.url)
    secret = oauth.client_secret_of(channel)
    known = oauth.discover(before.url, redirect_uri, client_id=before.client_id, secret=secret)
    with unit():
        row = _server(actor, channel_id)
        now = settings_of(row, McpSettings)
        if (now.url, now.client_id) != (before.url, before.client_id):
            raise _changed()
        # An earlier consent stays valid until a new one is given.
        row.settings = as_json(now.model_copy(update={"wanted": known}))
        row.save(update_fields=["settings"])
    return known


def finish_consent(
    actor: Actor, channel_id: str, code: str, verifier: str, redirect_uri: str
) -> None:
    """Exchange the answer for tokens and store them; raises as `begin` does."""
    access_grants.require(actor)
    channel = _server(actor, channel_id)
    known = settings_of(channel, McpSettings).wanted
    if known is None:
        raise _changed()
    tokens = oauth.exchange(
        known,
        code,
        verifier=verifier,
        redirect_uri=redirect_uri,
        secret=oauth.client_secret_of(channel),
    )
    with unit():
        row = _server(actor, channel_id, hold=True)
        now = settings_of(row, McpSettings)
        if now.wanted != known:
            raise _changed()
        row.settings = as_json(now.model_copy(update={"oauth": known, "wanted": None}))
        row.secret = sealed(row, tokens.as_secret())
        row.state, row.state_sentence = UNCHECKED, ""
        row.version += 1
        row.save()
        ids = {"channel_id": str(row.pk)}
        audit.record(actor, "identities.channel.change", object_ids=ids, fields=["oauth"])
        access_grants.announce(actor, label_of(row), row.name)


def _changed() -> ValidationFailed:
    return ValidationFailed(
        "The server's settings changed in the meantime.", hint="Connect it again."
    )


def _server(actor: Actor, channel_id: str, *, hold: bool = False) -> Channel:
    rows = Channel.objects.visible_to(actor).filter(kind=Kind.MCP)
    found: Channel = (rows.select_for_update() if hold else rows).one(channel_id, "server")
    return found
