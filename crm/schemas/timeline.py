from datetime import datetime
from typing import Annotated, Literal, get_args

from pydantic import Field

from core.schemas import Answer, Line
from crm.schemas.contacts import ContactId
from crm.schemas.events import Dated

Kind = Literal["event", "message", "note", "action", "stage_change"]
KINDS: tuple[str, ...] = get_args(Kind)
Writer = Literal["person", "assistant", "external"]


class GetContactTimeline(Dated):
    """The contact, the number of entries, and the cursor."""

    contact_id: ContactId
    limit: Annotated[
        int, Field(ge=1, le=100, description="Entries, 1 to 100; fewer have longer texts")
    ] = 20
    cursor: Annotated[Line, Field(max_length=400)] | None = Field(
        None, description="next_cursor of the previous page, with the same filters"
    )
    types: Annotated[list[Kind], Field(min_length=1, max_length=len(KINDS))] | None = Field(
        None, description="Only these; default: all"
    )


class EventEntry(Answer):
    """A tracked event."""

    type: Literal["event"] = "event"
    at: datetime
    event_id: str
    event: str
    url: str | None = None
    title: str | None = None
    source: Literal["external"] = "external"


class MessageEntry(Answer):
    """A message of a mailbox or of Intercom; `withheld`: its mailbox shares no more than this.

    `source` is external for received messages, person for sent ones.
    """

    type: Literal["message"] = "message"
    at: datetime
    message_id: str
    thread_id: str
    channel: str
    direction: str
    subject: str | None = None
    from_address: str | None = None
    text: str | None = None
    truncated: bool | None = None
    withheld: bool | None = None
    source: Writer


class NoteEntry(Answer):
    """A note."""

    type: Literal["note"] = "note"
    at: datetime
    note_id: str
    author: str
    text: str
    truncated: bool | None = None
    source: str


class ActionEntry(Answer):
    """An action of the ledger, at the time it was requested; get_action has all of it."""

    type: Literal["action"] = "action"
    at: datetime
    action_id: str
    action_type: str
    status: str
    status_detail: str | None = None
    headline: str


class StageEntry(Answer):
    """A step of the lifecycle."""

    type: Literal["stage_change"] = "stage_change"
    at: datetime
    stage_change_id: str
    before: str | None = None
    after: str | None = None
    by: str
    reason: str | None = None
    source: Literal["external"] = "external"


Entry = EventEntry | MessageEntry | NoteEntry | ActionEntry | StageEntry


class Timeline(Answer):
    """Entries, newest first; without `next_cursor` they are the last.

    `omitted_for_scope` names the types the connection may not see. `truncated`: there was no room
    for `omitted` of the entries asked for; `next_cursor` goes on with them.
    """

    timeline: list[Entry]
    next_cursor: str | None = None
    omitted_for_scope: list[str] | None = None
    truncated: bool | None = None
    omitted: int | None = None
    hint: str | None = None
