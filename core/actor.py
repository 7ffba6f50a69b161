"""The actor: the first argument of every service."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

from core.access import Role, Scope
from core.errors import Forbidden


class ActorKind(StrEnum):
    """The kind of actor; the policy table has one row for each."""

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
    """A connected app as cards show it: as registered, never as it names itself in a call."""

    name: str
    host: str
    connection_id: str = ""
    token_id: str = ""
    family: str = ""  # shared by rotated keys


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, with workspace, role and scopes.

    `scopes` is None where scopes do not apply (a person in the dashboard, the system). `name` is
    shown to people: a person's name or e-mail address, or the job's name. `tainted` is set when
    executing a draft whose app had read external text. An agent's run sets its id, and in
    `read_outside` the external objects it read before drafting.
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

    def require_role(self, role: Role) -> None:
        """Raise Forbidden unless the actor's role includes `role`."""
        if not self.has_role(role):
            raise Forbidden(
                f"This needs the role {role}; yours here is {self.role}.",
                hint="Ask a workspace admin.",
            )

    def has_scope(self, scope: Scope) -> bool:
        """Whether the call has `scope`; true where scopes do not apply."""
        return self.scopes is None or scope in self.scopes

    def with_fresh_login(self) -> Self:
        """The same actor with a fresh login."""
        return replace(self, fresh_login=True)
