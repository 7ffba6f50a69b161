from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from core.schemas import Answer, Arguments
from crm.schemas.contacts import ContactId


class GetContactConversations(Arguments):
    contact_id: ContactId
    include_messages: bool = Field(False, description="true: with the latest messages of each")
    limit: Annotated[
        int, Field(ge=1, le=50, description="Conversations, 1 to 50; fewer have longer texts")
    ] = 20


class ListContactEmailThreads(Arguments):
    contact_id: ContactId
    limit: Annotated[int, Field(ge=1, le=100, description="Threads, 1 to 100")] = 20


class MessageOut(Answer):
    """A message; `source` is external for received messages, person for sent ones.

    `truncated`: the body is cut. `withheld`: its mailbox shares no more than this.
    """

    message_id: str
    sent_at: datetime
    direction: str
    subject: str | None = None
    from_address: str | None = None
    to_addresses: list[str] | None = None
    body: str | None = None
    truncated: bool | None = None
    withheld: bool | None = None
    source: Literal["person", "external"]


class Conversation(Answer):
    """A conversation with a contact; `messages` are its latest, oldest first."""

    thread_id: str
    id: str = Field(serialization_alias="_id")
    channel: str
    subject: str | None = None
    sharing: str
    message_count: int
    last_message_at: datetime
    messages: list[MessageOut] | None = None
    omitted_messages: int | None = None
    source: Literal["external"] = "external"


class Conversations(Answer):
    """The contact's conversations, the latest first, and how many there are in all."""

    conversations: list[Conversation]
    total_conversations: int
    truncated: bool | None = None
    omitted: int | None = None
    hint: str | None = None


class EmailThread(Answer):
    """An e-mail thread in one line."""

    thread_id: str
    last_message_id: str | None = None
    subject: str | None = None
    last_message_at: datetime
    source: Literal["external"] = "external"


class EmailThreads(Answer):
    """The contact's e-mail threads, the latest first, and how many there are in all."""

    threads: list[EmailThread]
    total_threads: int
    truncated: bool | None = None
    omitted: int | None = None
    hint: str | None = None
