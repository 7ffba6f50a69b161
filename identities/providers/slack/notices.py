"""Notices through the workspace's Slack, to channels an admin allowed; never to shared ones."""

from accounts.notification_channels import Digest, NotDelivered
from core.errors import AppError
from identities import channels
from identities.channels import settings_of
from identities.models import Kind
from identities.providers.http import Denied
from identities.providers.slack import api
from identities.providers.slack.schemas import SlackSettings


class SlackNotices:
    """Posts a person's notifications to the Slack channel they chose."""

    name = "slack"

    def places(self, workspace_id: str) -> list[tuple[str, str]]:
        """The allowed channels that only this organisation can read."""
        channel = channels.channel_or_none(workspace_id, Kind.SLACK)
        if channel is None:
            return []
        rows = settings_of(channel, SlackSettings).channels
        return [
            (row.id, f"Slack, #{row.name}") for row in rows if row.is_allowed and not row.is_shared
        ]

    def carry(self, workspace_id: str, place: str, told: Digest) -> None:
        """Post it; a refused token pauses the channel, and the notification is mailed."""
        channel = channels.channel_or_none(workspace_id, Kind.SLACK)
        if channel is None or channel.is_paused:
            raise NotDelivered
        try:
            api.post(channel.opened().get("token", ""), place, _text(told))
        except Denied as error:
            channels.note_failure(channel, error.sentence)
            raise NotDelivered from error
        except api.NoSuchChannel as error:
            raise NotDelivered from error
        except AppError as error:
            channels.note_trouble(channel, error.message)
            raise
        channels.note_success(channel)


def _text(told: Digest) -> str:
    lines = [f"<{url}|{api.escaped(words)}>" for words, url in told.entries]
    return "\n".join([f"*{api.escaped(told.heading)}*", *lines])
