"""The envelope of every changing or sending operation: the outcome of the request."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Generic

from pydantic import Field
from typing_extensions import TypeVar

from core.schemas import Answer

# The created or changed resource. For gated operations it is plain JSON, stored by the ledger.
Resource = TypeVar("Resource", default=dict[str, Any])


class Verdict(StrEnum):
    """What became of a request."""

    EXECUTED = "executed"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    NOOP = "noop"
    REFUSED = "refused"
    NEEDS_PERSON = "needs_person"
    WOULD_EXECUTE = "would_execute"
    WOULD_QUEUE = "would_queue"
    WOULD_REFUSE = "would_refuse"


class FieldPreview(Answer):
    """One field a change would touch, as people read it."""

    field: str
    label: str
    now: str
    will_be: str


class Preview(Answer):
    """The effect of a record change on its target; without `changes` nothing would change.

    `target_name` appears in our sentences: an address or domain, never a name chosen outside.
    """

    noun: str
    target_id: str | None
    target_name: str
    version: int = 0
    changes: list[FieldPreview] = Field(default_factory=list)
    unknown_properties: list[dict[str, str]] = Field(default_factory=list)
    possible_duplicates: list[dict[str, str]] = Field(default_factory=list)


class Inverse(Answer):
    """The operation and arguments that undo a change.

    `version` is the record's version after the change, if any later change prevents the undo.
    """

    operation: str
    arguments: dict[str, Any]
    version: int | None = None


class Effected(Answer, Generic[Resource]):
    """The return value of a changing operation's function: the resource and its undo."""

    resource: Resource
    previous: dict[str, Any] | None = None
    inverse: Inverse | None = None
    unknown_properties: list[dict[str, str]] | None = None


class Outcome(Answer, Generic[Resource]):
    """The answer schema of every changing or sending operation."""

    status: Verdict
    action_id: str | None = None
    action_status: str | None = None
    status_detail: str | None = None
    runs_at: datetime | None = None
    expires_at: datetime | None = None
    why: str | None = None
    review_url: str | None = None
    result: Resource | None = None
    previous: dict[str, Any] | None = None
    unknown_properties: list[dict[str, str]] | None = None
    possible_duplicates: list[dict[str, str]] | None = None
    attention_count: int | None = None
    replayed: bool | None = None
    next: str | None = Field(None, description="What to tell the person, or to do, next")

    @property
    def resource(self) -> Resource:
        """The created or changed resource; raises LookupError if there is none yet."""
        if self.result is None:
            raise LookupError(f"nothing was made: {self.status}")
        return self.result


def with_poll(answer: dict[str, Any], words: str) -> dict[str, Any]:
    """An answer to poll, with instructions: `words` has the answer's fields in braces."""
    if not words or "next_poll_seconds" not in answer:
        return answer
    return {**answer, "poll_with": words.format_map(answer)}


def external_objects(node: Any) -> list[str]:
    """Ids of an answer's objects that are marked as external; `?` for one without an id."""
    if isinstance(node, list):
        return [found for part in node for found in external_objects(part)]
    if not isinstance(node, dict):
        return []
    own = next((str(value) for key, value in node.items() if key.endswith("_id")), "?")
    inner = [found for part in node.values() for found in external_objects(part)]
    return [own, *inner] if node.get("source") == "external" else inner
