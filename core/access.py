"""Roles and scopes: the one table that consent, hidden buttons, tool listings and tests read.

A role is a person's position in a workspace. A scope is a permission of a connected app or a key. A
call may do the intersection of both (RFC 6749 3.3, ASVS 8.2.1).
"""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """A member's role; each includes the rights of the ones before it."""

    VIEWER = "viewer"
    MEMBER = "member"
    REVIEWER = "reviewer"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """Position in the order viewer, member, reviewer, admin."""
        return list(Role).index(self)

    def includes(self, other: "Role") -> bool:
        """Whether this role may do everything `other` may."""
        return self.rank >= other.rank

    def at_most(self, ceiling: "Role") -> "Role":
        """The lower of the two roles."""
        return self if ceiling.includes(self) else ceiling


class Scope(StrEnum):
    """Permissions of apps and keys; the same names in OAuth and REST."""

    CONTACTS_READ = "contacts:read"
    CONTACTS_WRITE = "contacts:write"
    COMPANIES_READ = "companies:read"
    COMPANIES_WRITE = "companies:write"
    EVENTS_READ = "events:read"
    EVENTS_WRITE = "events:write"
    SEGMENTS_READ = "segments:read"
    SEGMENTS_WRITE = "segments:write"
    IDENTITIES_READ = "identities:read"
    IDENTITIES_WRITE = "identities:write"
    AGENTS_READ = "agents:read"
    AGENTS_WRITE = "agents:write"
    AGENTS_TRIGGER = "agents:trigger"
    ACTIONS_READ = "actions:read"
    ACTIONS_WRITE = "actions:write"
    ACTIONS_APPROVE = "actions:approve"
    ACTIONS_EXECUTE = "actions:execute"
    AGENTS_APPROVE = "agents:approve"


@dataclass(frozen=True, slots=True)
class ScopeRule:
    """How a scope is offered: its consent sentence, its group, who may grant it, and its tick.

    `role` is the lowest role that may grant it; `ticked` is the initial state of its box.
    """

    sentence: str
    group: str
    role: Role = Role.VIEWER
    ticked: bool = True


SCOPE_RULES: dict[Scope, ScopeRule] = {
    Scope.CONTACTS_READ: ScopeRule(
        "Read contacts with their events, notes and conversations", "Look things up"
    ),
    Scope.COMPANIES_READ: ScopeRule("Read companies and their notes", "Look things up"),
    Scope.EVENTS_READ: ScopeRule("Read and count tracked events", "Look things up"),
    Scope.SEGMENTS_READ: ScopeRule("Read segments and their members", "Look things up"),
    Scope.IDENTITIES_READ: ScopeRule(
        "See the configured senders (never their passwords)", "Look things up"
    ),
    Scope.AGENTS_READ: ScopeRule("Read agents and their runs", "Look things up"),
    Scope.ACTIONS_READ: ScopeRule("Read the approval queue", "Look things up"),
    Scope.CONTACTS_WRITE: ScopeRule(
        "Write contact notes; propose new contacts and changes", "Propose changes", Role.MEMBER
    ),
    Scope.COMPANIES_WRITE: ScopeRule(
        "Write company notes; propose new companies and changes", "Propose changes", Role.MEMBER
    ),
    Scope.EVENTS_WRITE: ScopeRule("Record events", "Propose changes", Role.MEMBER),
    Scope.SEGMENTS_WRITE: ScopeRule("Change segments", "Propose changes", Role.MEMBER),
    Scope.ACTIONS_WRITE: ScopeRule(
        "Draft messages and other actions for approval", "Propose changes", Role.MEMBER
    ),
    Scope.IDENTITIES_WRITE: ScopeRule("Connect and manage senders", "Propose changes", Role.ADMIN),
    Scope.AGENTS_WRITE: ScopeRule("Propose changes to agents", "Propose changes", Role.MEMBER),
    Scope.AGENTS_TRIGGER: ScopeRule(
        "Start agents; their proposals need approval", "Propose changes", Role.MEMBER
    ),
    Scope.ACTIONS_APPROVE: ScopeRule(
        "Approve for me in chat, messages included: this trusts the app to ask you first",
        "Decide and act",
        Role.REVIEWER,
        ticked=False,
    ),
    Scope.ACTIONS_EXECUTE: ScopeRule(
        "Act without approval when it says so; high-risk actions still wait",
        "Decide and act",
        Role.REVIEWER,
        ticked=False,
    ),
    Scope.AGENTS_APPROVE: ScopeRule(
        "Approve an agent run's proposals", "Decide and act", Role.REVIEWER, ticked=False
    ),
}


def scopes_for(role: Role) -> frozenset[Scope]:
    """Every scope a member with this role may grant to an app."""
    return frozenset(scope for scope, rule in SCOPE_RULES.items() if role.includes(rule.role))


def parse_scopes(text: str) -> frozenset[Scope]:
    """The known scopes in a space-separated list; unknown words are left out (RFC 6749 3.3)."""
    known = {scope.value for scope in Scope}
    return frozenset(Scope(word) for word in text.split() if word in known)
