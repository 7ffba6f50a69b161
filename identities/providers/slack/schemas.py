"""A Slack message as it is proposed, and the settings of a Slack connection."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from core.schemas import Arguments, Line, Text


class SlackBlock(Arguments):
    """A text-only block."""

    type: Literal["section", "header", "divider"]
    text: Annotated[Text, Field(max_length=2500)] = ""

    @model_validator(mode="after")
    def _has_text(self) -> "SlackBlock":
        if bool(self.text.strip()) == (self.type == "divider"):
            raise ValueError("a section or header needs text; a divider has none")
        if self.type == "header" and (len(self.text) > 150 or "\n" in self.text):
            raise ValueError("a header is one line of at most 150 characters")
        return self


class SendSlackMessage(Arguments):
    """A Slack message into a channel an admin allowed."""

    channel: Annotated[Line, Field(max_length=32, description="Id of an allowed channel, C...")]
    text: Annotated[Text, Field(min_length=1, max_length=4000, description="Plain text")]
    blocks: Annotated[list[SlackBlock], Field(max_length=20)] = Field(
        [], description="Text-only blocks to show instead: section, header, divider"
    )


class SlackChannel(Arguments):
    """A Slack channel as Slack named it; messages go only to allowed ones (sending-8).

    `is_shared`: people of other organisations read it.
    """

    id: str
    name: str
    is_shared: bool = False
    is_allowed: bool = False


class SlackSettings(Arguments):
    """A Slack workspace and its channels, as the bot token sees them."""

    team_id: str = ""
    team: str = ""
    channels: list[SlackChannel] = Field(default_factory=list)

    def allowed(self, channel_id: str) -> SlackChannel | None:
        """The channel of this id, when an admin allowed it."""
        found = (row for row in self.channels if row.id == channel_id and row.is_allowed)
        return next(found, None)
