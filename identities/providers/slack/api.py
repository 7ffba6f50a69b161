"""Slack's Web API: whose token it is, which channels the bot is in, and a notice in one of them.

https://docs.slack.dev/reference/methods/auth.test, .../conversations.list, .../chat.postMessage:
every answer is 200 with `ok`; a refused token is an `error` word.
"""

from typing import Any

from django.conf import settings

from core.errors import Unavailable
from core.schemas import plain_name
from identities.providers.http import Denied, request_json
from identities.providers.slack.schemas import SlackChannel

REFUSED = {
    "account_inactive",
    "invalid_auth",
    "not_authed",
    "token_expired",
    "token_revoked",
    "no_permission",
    "org_login_required",
}
GONE = {"channel_not_found", "not_in_channel", "is_archived"}
MAX_PAGES = 10


def team_of(token: str) -> tuple[str, str]:
    """Id and name of the Slack workspace; raises Denied and Unavailable."""
    found = _call(token, "auth.test")
    return str(found.get("team_id", ""))[:64], plain_name(str(found.get("team", "")))


def channels_of(token: str) -> list[SlackChannel]:
    """The channels the bot is in, none of them allowed; raises Denied and Unavailable."""
    found: list[SlackChannel] = []
    cursor = ""
    for _ in range(MAX_PAGES):
        asked = {
            "types": "public_channel,private_channel",
            "exclude_archived": "true",
            "limit": "200",
        }
        page = _call(
            token, "conversations.list", params=asked | ({"cursor": cursor} if cursor else {})
        )
        found += [_as_stored(row) for row in page.get("channels", []) if row.get("is_member")]
        cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            break
    return sorted(found, key=lambda row: row.name)


class NoSuchChannel(Exception):
    """The channel was deleted or archived, or the bot is not in it."""


def post(token: str, channel_id: str, text: str) -> None:
    """Post mrkdwn text; raises Denied, NoSuchChannel and Unavailable."""
    _call(
        token,
        "chat.postMessage",
        body={
            "channel": channel_id,
            "text": text,
            "link_names": False,
            "unfurl_links": False,
            "unfurl_media": False,
        },
    )


def escaped(text: str) -> str:
    """The text, escaped so that Slack shows it verbatim."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _as_stored(row: dict[str, Any]) -> SlackChannel:
    shared = any(row.get(flag) for flag in ("is_ext_shared", "is_pending_ext_shared", "is_shared"))
    return SlackChannel(
        id=str(row.get("id", "")), name=plain_name(str(row.get("name", ""))), is_shared=shared
    )


def _call(
    token: str,
    method: str,
    *,
    body: dict[str, Any] | None = None,
    params: dict[str, str] | None = None,
) -> dict[str, Any]:
    _, found = request_json(f"{settings.SLACK_API_URL}/{method}", token, params=params, body=body)
    if found.get("ok") is True:
        return found
    error = found.get("error")
    if error in REFUSED:
        raise Denied("Slack rejected the token.")
    if error in GONE:
        raise NoSuchChannel
    if error == "missing_scope":
        raise Unavailable(
            "The token does not allow listing channels.",
            hint="Give the Slack app channels:read, groups:read and chat:write, and install it.",
        )
    raise Unavailable("Slack sent an unexpected response.", hint="Try again in a few minutes.")
