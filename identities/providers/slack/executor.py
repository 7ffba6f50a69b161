"""Slack's chat.postMessage. At most once: Slack has no idempotency key.

`&`, `<` and `>` are escaped, so that text cannot become a mention, channel or disguised link
(https://docs.slack.dev/messaging/formatting-message-text), and nothing unfurls.
"""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from core.actor import Actor
from core.errors import ValidationFailed
from core.schemas import plain_name
from identities.channels import AnyChannel, channel_of, channel_or_none, settings_of
from identities.models import Identity, Kind
from identities.providers import calls
from identities.providers.calls import Provider
from identities.providers.contract import (
    CredentialRefused,
    Delivery,
    DeliveryRefused,
    DeliveryUnknown,
    Receipt,
    Rendered,
    TryLater,
)
from identities.providers.rendering import links_of
from identities.providers.slack.api import REFUSED, escaped
from identities.providers.slack.schemas import (
    SendSlackMessage,
    SlackBlock,
    SlackChannel,
    SlackSettings,
)

SLACK = Provider("Slack", "error")
_NO_ACCESS = REFUSED | {"missing_scope", "access_denied"}
_LATER = frozenset({"ratelimited", "rate_limited"})
_UNCLEAR = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})


class SlackExecutor:
    """Renders and posts a `send_slack_message`."""

    needs_identity = False
    repeatable = False

    def render(self, actor: Actor, params: SendSlackMessage, _: Identity | None) -> Rendered:
        """The request as it will be posted."""
        channel = _allowed(actor, params.channel)
        name = plain_name(f"#{channel.name}")
        request: dict[str, Any] = {
            "channel": channel.id,
            "text": escaped(params.text),
            "parse": "none",
            "link_names": False,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        if params.blocks:
            request["blocks"] = [_block(block) for block in params.blocks]
        text = _as_read(params)
        message = {"target": name, "text": text, "request": request}
        shared = ["a Slack channel shared with other organizations"] if channel.is_shared else []
        ours = urlsplit(settings.PUBLIC_BASE_URL).hostname or ""
        return Rendered(message, [], text, links_of(text), ours, shared)

    def channel(
        self, workspace_id: str, identity: Identity | None, message: dict[str, Any]
    ) -> AnyChannel | None:
        return channel_or_none(workspace_id, Kind.SLACK)

    def deliver(self, delivery: Delivery) -> Receipt:
        """Post it, once."""
        channel = channel_of(delivery.workspace_id, Kind.SLACK)
        answer = SLACK.call(
            "POST",
            f"{settings.SLACK_API_URL}/chat.postMessage",
            headers={
                "Authorization": f"Bearer {calls.token_of(channel)}",
                "Content-Type": "application/json; charset=utf-8",
            },
            content=calls.body_of(delivery.message["request"]),
        )
        _check(answer)
        stamp = calls.word_of(answer, "ts")
        return Receipt(stamp, "ok", "Slack posted the message.")


def _check(answer: dict[str, Any]) -> None:
    """Slack refuses with HTTP 200."""
    if answer.get("ok") is True:
        return
    code = calls.word_of(answer, "error")
    if code in _NO_ACCESS:
        raise CredentialRefused("Slack denied access.", code)
    if code in _LATER:
        raise TryLater("Slack asked us to slow down.", code)
    if code in _UNCLEAR or answer.get("ok") is not False:
        raise DeliveryUnknown("Slack reported an error; it may have posted the message.", code)
    raise DeliveryRefused("Slack rejected the message.", code)


def _allowed(actor: Actor, channel_id: str) -> SlackChannel:
    connected = channel_of(actor.workspace_id, Kind.SLACK)
    known = settings_of(connected, SlackSettings)
    found = known.allowed(channel_id)
    if found is None:
        raise ValidationFailed(
            "This channel is not allowed.",
            hint="An admin can allow channels under Settings, Senders.",
            field="channel",
            valid_values=[row.id for row in known.channels if row.is_allowed][:50],
        )
    return found


def _block(block: SlackBlock) -> dict[str, Any]:
    if block.type == "divider":
        return {"type": "divider"}
    if block.type == "header":
        return {"type": "header", "text": {"type": "plain_text", "text": block.text}}
    return {"type": "section", "text": {"type": "mrkdwn", "text": escaped(block.text)}}


def _as_read(params: SendSlackMessage) -> str:
    """The readable text: the blocks, and the notification text."""
    if not params.blocks:
        return params.text
    parts = ["---" if block.type == "divider" else block.text for block in params.blocks]
    return "\n\n".join([*parts, f"(in notifications: {params.text})"])
