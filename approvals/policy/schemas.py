"""A workspace's own rules, as stored and as submitted by their form."""

from datetime import datetime, time
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from approvals.vocabulary import Matter, Ruling
from core.actor import ActorKind
from core.schemas import Arguments, Line

MOST_RULES = 50
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
Kind = Literal["person", "key", "app", "agent"]
Day = Annotated[int, Field(ge=0, le=6)]


class Recipient(StrEnum):
    """Whether a recipient is new or known (sending-5)."""

    ANY = ""
    KNOWN = "known"
    NEW = "new"


class Mode(StrEnum):
    """Who works in the workspace: unknown, a team, or one person alone (policy-4)."""

    UNANSWERED = ""
    TEAM = "team"
    JUST_ME = "just_me"


class Rule(Arguments):
    """One rule: matter, requester, time, and the ruling. Empty means any.

    `asker` is the id of one agent, one connected app, or one key with those it was rotated to. The
    window is in the workspace's time zone and may run over midnight. `four_eyes` prevents people
    who requested or edited it from deciding; `dashboard_only` prevents tool calls and keys;
    `opens_red` lets high-risk requests run, too.
    """

    id: Annotated[Line, Field(max_length=64)]
    types: Annotated[tuple[Line, ...], Field(max_length=50)] = ()
    matters: Annotated[tuple[Matter, ...], Field(max_length=3)] = ()
    kinds: Annotated[tuple[Kind, ...], Field(max_length=4)] = ()
    asker: Annotated[Line, Field(max_length=64)] = ""
    host: Annotated[Line, Field(max_length=253)] = ""
    recipient: Recipient = Recipient.ANY
    days: Annotated[tuple[Day, ...], Field(max_length=7)] = ()
    begins: time | None = None
    ends: time | None = None
    ruling: Ruling
    four_eyes: bool = False
    dashboard_only: bool = False
    opens_red: bool = False

    @model_validator(mode="after")
    def _makes_sense(self) -> "Rule":
        if self.asker and self.kinds:
            raise ValueError("set either asker or kinds, not both")
        if (self.begins is None) != (self.ends is None):
            raise ValueError("set both begins and ends, or neither")
        if self.begins is not None and self.begins == self.ends:
            raise ValueError("begins and ends must differ")
        if self.ruling is not Ruling.QUEUE and (self.four_eyes or self.dashboard_only):
            raise ValueError(
                "four_eyes and dashboard_only apply only to rules that require approval"
            )
        if self.ruling is not Ruling.RUN and self.opens_red:
            raise ValueError("opens_red applies only to rules that run without approval")
        return self

    @property
    def covers(self) -> tuple[object, ...]:
        """The rule's conditions, without its ruling."""
        return (
            frozenset(self.types),
            frozenset(self.matters),
            frozenset(self.kinds),
            self.asker,
            self.host,
            self.recipient,
            frozenset(self.days),
            self.begins,
            self.ends,
        )


class Asked(Arguments):
    """A request as input of the rules. `moment` is in the workspace's time zone."""

    type: str
    matter: Matter
    kind: ActorKind
    askers: frozenset[str] = frozenset()
    host: str = ""
    recipient: Recipient = Recipient.ANY
    moment: datetime
