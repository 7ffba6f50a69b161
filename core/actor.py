"""Whoever acts: the first argument of every service."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

from core.access import Role, Scope


class ActorKind(StrEnum):
    """What stands behind a call; the policy table has one row for each."""

    PERSON = "person"  # a session in the dashboard
    APP = "app"  # an OAuth client on /mcp, for the person who connected it
    KEY = "key"  # a REST key: unattended
    AGENT = "agent"  # an agent's run: unattended
    JOB = "job"  # the system itself: expiry, dispatch, clean-up


class Surface(StrEnum):
    """Where a call came in."""

    DASHBOARD = "dashboard"
    MCP = "mcp"
    REST = "rest"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Client:
    """A connected app as a card may name it: as registered, never as it says in a call."""

    name: str
    host: str
    connection_id: str = ""
    token_id: str = ""
    family: str = ""  # of keys that replaced one another


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, in which workspace, with which role and scopes.

    `scopes` is None where scopes do not apply (a person in the dashboard, the system).
    `name` is what people see: a person's name or mail address, or the job's name. `tainted` where
    a draft is carried out whose app had read text from outside: strangers may speak through it.
    An agent's run says which one it is, and with `read_outside` the objects of outsiders it read
    before it drafts.
    """

    workspace_id: str
    kind: ActorKind
    surface: Surface
    role: Role
    name: str
    user_id: str | None = None
    scopes: frozenset[Scope] | None = None
    client: Client | None = None
    fresh_login: bool = field(default=False, compare=False)
    tainted: bool = field(default=False, compare=False)
    agent_id: str | None = None
    run_id: str | None = None
    read_outside: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def for_job(cls, name: str, workspace_id: str) -> Self:
        """The system acting in one workspace, e.g. `Actor.for_job("approvals.expire", ws)`."""
        return cls(
            workspace_id=workspace_id,
            kind=ActorKind.JOB,
            surface=Surface.SYSTEM,
            role=Role.ADMIN,
            name=name,
        )

    @property
    def is_person_present(self) -> bool:
        """Whether a person is behind this call: a session or an app someone talks to."""
        return self.kind in {ActorKind.PERSON, ActorKind.APP}

    def has_role(self, role: Role) -> bool:
        """Whether the actor's role includes `role`."""
        return self.role.includes(role)

    def has_scope(self, scope: Scope) -> bool:
        """Whether the call carries `scope`; true where scopes do not apply."""
        return self.scopes is None or scope in self.scopes

    def with_fresh_login(self) -> Self:
        """The same actor, who has just given the password."""
        return replace(self, fresh_login=True)
