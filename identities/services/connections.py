"""Channels of the whole workspace: connected, changed, narrowed and closed by admins.

Each is external access (security-5): it needs a fresh login, and all admins are notified.
"""

from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from pydantic import SecretStr

from accounts.services import access_grants
from core import audit, clock, net
from core.actor import Actor
from core.db import unit
from core.errors import Conflict, ValidationFailed
from core.page_operations import Done, page_operation, require_fresh_login
from core.schemas import as_json, validated
from identities.channels import any_settings_of, label_of, sealed, settings_of
from identities.models import Channel, Identity, Kind
from identities.models.connected import UNCHECKED
from identities.providers.linkedin.schemas import LinkedinSettings
from identities.providers.mcp import oauth
from identities.providers.mcp.schemas import McpSettings, McpTool
from identities.providers.mcp.servers import refuse_own
from identities.providers.resend import signatures
from identities.providers.slack.schemas import SlackChannel, SlackSettings
from identities.schemas.channels import SETTINGS
from identities.schemas.connections import ServerSettings


@page_operation("identities.channel.save_token", fresh_login=True)
def save_token(actor: Actor, kind: Kind, secret: SecretStr) -> Done[Channel]:
    """Connect Slack, Resend or HubSpot, or replace the connection's token."""
    token = _token(secret)
    found = Channel.objects.select_for_update().visible_to(actor).filter(kind=kind).first()
    channel = found or _new(actor, kind, as_json(validated(SETTINGS[kind], {})))
    _keep(channel, token)
    return _opened(actor, channel, is_new=found is None, fields=["token"])


def keep_linkedin(actor: Actor, identity: Identity, account_id: str, name: str) -> Channel:
    """Store a sender's LinkedIn account after its login; the caller holds the transaction.

    Only the provider's account id is kept. A second login reuses the channel.
    """
    rows = Channel.objects.select_for_update().visible_to(actor)
    found = rows.filter(kind=Kind.LINKEDIN, identity=identity).first()
    given = as_json(LinkedinSettings(account_id=account_id, profile_name=name))
    channel = found or _new(actor, Kind.LINKEDIN, given)
    channel.identity, channel.settings, channel.opened_by_id = identity, given, actor.user_id
    _save(channel)
    done = _opened(actor, channel, is_new=found is None, fields=["account_id"])
    audit.record(actor, done.verb, object_ids=done.object_ids, fields=done.fields or ())
    return channel


@page_operation("identities.channel.save_webhook_secret", fresh_login=True)
def save_webhook_secret(actor: Actor, channel_id: str, secret: SecretStr) -> Done[Channel]:
    """Store the secret Resend signs its webhooks with; external access (security-5)."""
    given = secret.get_secret_value().strip()
    signatures.key_of(given)
    channel = _locked(actor, channel_id, Kind.RESEND)
    channel.webhook_secret = sealed(channel, given)
    channel.save(update_fields=["webhook_secret"])
    return _opened(actor, channel, is_new=False, fields=["webhook_secret"])


@page_operation("identities.channel.add_server", fresh_login=True)
def add_server(actor: Actor, values: ServerSettings) -> Done[Channel]:
    """Connect an external MCP server; none of its tools is allowed yet."""
    _refuse_unfit(values.url)
    given = McpSettings(url=values.url, header=values.header, client_id=values.client_id)
    channel = _new(actor, Kind.MCP, as_json(given), name=values.name)
    _keep(channel, _secret_of(values))
    return _opened(actor, channel, is_new=True, fields=["url", "header"])


@page_operation("identities.channel.change_server", fresh_login=True)
def change_server(actor: Actor, channel_id: str, values: ServerSettings) -> Done[Channel]:
    """Change a server.

    A new URL or header clears the secret and all permissions (security-3); a new client or secret
    ends the consent.
    """
    _refuse_unfit(values.url)
    channel = _locked(actor, channel_id, Kind.MCP)
    before = settings_of(channel, McpSettings)
    is_moved = (before.url, before.header) != (values.url, values.header)
    now = McpSettings(url=values.url, header=values.header) if is_moved else before
    secret = _secret_of(values)
    is_another = is_moved or bool(secret) or before.client_id != values.client_id
    if is_another:
        client = {"client_id": values.client_id, "oauth": None, "wanted": None}
        channel.settings = as_json(now.model_copy(update=client))
    channel.name = values.name
    if is_another:
        _keep(channel, secret)
    else:
        _save(channel)
    return _opened(actor, channel, is_new=False, fields=["url", "header"] if is_moved else ["name"])


@page_operation("identities.channel.allow")
def allow(actor: Actor, channel_id: str, wanted: list[str]) -> Done[Channel]:
    """Allow exactly these Slack channels (ids) or MCP tools (names), as they were last listed.

    Only removals need no fresh login. Raises ValidationFailed for one that was never listed.
    """
    names = set(wanted)
    channel = _locked(actor, channel_id)
    rows = _listed(channel)
    known = {_key(row): row for row in rows}
    if names - known.keys():
        raise ValidationFailed("A ticked item is no longer listed.", hint="Fetch the list again.")
    fresh = [known[name] for name in sorted(names) if not known[name].is_allowed]
    if fresh:
        require_fresh_login(actor)
    _relist(channel, [_marked(row, _key(row) in names) for row in rows])
    for row in fresh:
        access_grants.announce(actor, f"{label_of(channel)} {_noun(row)}", row.name)
    return Done(channel, fields=sorted(names))


def refresh_listing(
    actor: Actor, channel: Channel, found: "list[SlackChannel] | list[McpTool]"
) -> None:
    """Store the provider's current listing; unchanged entries stay allowed."""
    with unit():
        row = _locked(actor, str(channel.pk))
        allowed = {_identity(old) for old in _listed(row) if old.is_allowed}
        _relist(row, [_marked(new, _identity(new) in allowed) for new in found])
        ids = {"channel_id": str(row.pk)}
        audit.record(actor, "identities.channel.list", object_ids=ids)


def set_fact(actor: Actor, channel: Channel, **facts: Any) -> None:
    """Store a fact of the provider: the team's name, the account's id."""
    with unit():
        row = _locked(actor, str(channel.pk))
        row.settings = as_json(validated(SETTINGS[Kind(row.kind)], {**row.settings, **facts}))
        row.save(update_fields=["settings"])


@page_operation("identities.channel.close")
def close_channel(actor: Actor, channel_id: str) -> Done:
    """Forget a connection and its secret."""
    channel = _locked(actor, channel_id)
    channel.delete()
    return Done(fields=[channel.kind])


def grants_of(actor: Actor) -> list[access_grants.AccessGrant]:
    """The connections, as the page External access shows them."""
    rows = Channel.objects.visible_to(actor).select_related("opened_by", "identity")
    return [
        access_grants.AccessGrant(
            kind=Kind(row.kind).label,
            name=_grant_name(row),
            opened_by=str(row.opened_by or ""),
            since=row.created_at,
            last_used_at=row.last_used_at,
            route="close_channel",
            pk=str(row.pk),
        )
        for row in rows.order_by("-created_at")[:500]
    ]


def _grant_name(channel: Channel) -> str:
    if Kind(channel.kind).is_personal:
        return f"of {channel.identity}"
    if channel.kind not in {Kind.SLACK, Kind.MCP}:
        return channel.name
    number = sum(row.is_allowed for row in _listed(channel))
    noun = "channel" if channel.kind == Kind.SLACK else "tool"
    what = noun if number == 1 else f"{noun}s"
    return f"{channel.name} ({number} {what} allowed)".strip()


def _refuse_unfit(url: str) -> None:
    """Raise ValidationFailed for our own server, and for plain http the operator did not allow."""
    refuse_own(url)
    parts = urlsplit(url)
    net.refuse_plain(parts.scheme, parts.hostname or "", parts.port, net.Trust.USER)


def _secret_of(values: ServerSettings) -> str:
    """The secret to store: the header's value, or the client's secret, stored with its tokens."""
    if values.client_secret:
        return oauth.Tokens(client_secret=values.client_secret.get_secret_value()).as_secret()
    return values.secret.get_secret_value().strip() if values.secret else ""


def _token(secret: SecretStr) -> str:
    token = secret.get_secret_value().strip()
    if not 8 <= len(token) <= 4000 or not token.isascii() or not token.isprintable():
        raise ValidationFailed("Invalid token.", hint="Paste all of it.", field="secret")
    return token


def _new(actor: Actor, kind: Kind, settings: dict[str, Any], name: str = "") -> Channel:
    return Channel(
        workspace_id=actor.workspace_id,
        kind=kind,
        name=name,
        settings=settings,
        opened_by_id=actor.user_id,
        created_at=clock.now(),
    )


def _keep(channel: Channel, secret: str) -> None:
    channel.secret = sealed(channel, secret)
    channel.state, channel.state_sentence = UNCHECKED, ""
    _save(channel)


def _save(channel: Channel) -> None:
    channel.version += 1
    try:
        with transaction.atomic():
            channel.save()
    except IntegrityError as error:
        raise Conflict("A connection with this name already exists.", field="name") from error


def _opened(actor: Actor, channel: Channel, *, is_new: bool, fields: list[str]) -> Done[Channel]:
    access_grants.announce(actor, label_of(channel), channel.name)
    verb = f"identities.channel.{'open' if is_new else 'change'}"
    return Done(channel, verb=verb, object_ids={"channel_id": str(channel.pk)}, fields=fields)


def _locked(actor: Actor, channel_id: str, kind: Kind | None = None) -> Channel:
    rows = Channel.objects.select_for_update().visible_to(actor)
    return (rows.filter(kind=kind) if kind else rows).one(channel_id, "channel")


def _listed(channel: Channel) -> list[SlackChannel | McpTool]:
    given = any_settings_of(channel)
    if isinstance(given, SlackSettings):
        return list(given.channels)
    return list(given.tools) if isinstance(given, McpSettings) else []


def _relist(channel: Channel, rows: list[SlackChannel | McpTool]) -> None:
    listed = "channels" if channel.kind == Kind.SLACK else "tools"
    channel.settings = {**channel.settings, listed: [as_json(row) for row in rows]}
    channel.version += 1
    channel.save(update_fields=["settings", "version"])


def _key(row: SlackChannel | McpTool) -> str:
    return row.id if isinstance(row, SlackChannel) else row.name


def _identity(row: SlackChannel | McpTool) -> tuple[str, object]:
    """The part that must stay the same for an admin's permission to remain valid."""
    return (row.id, row.is_shared) if isinstance(row, SlackChannel) else (row.name, row.pin)


def _marked(row: SlackChannel | McpTool, is_allowed: bool) -> SlackChannel | McpTool:
    return row.model_copy(update={"is_allowed": is_allowed})


def _noun(row: SlackChannel | McpTool) -> str:
    return "channel" if isinstance(row, SlackChannel) else "tool"
