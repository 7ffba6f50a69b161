"""Policy decisions: run, wait or refuse, by the workspace's rules, then the table of policy-1.

The table is data: a row is (requester, matter). `why` always names the rule or the row in words; no
argument can overrule either.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from approvals.policy import rules
from approvals.policy.schemas import Asked, Mode, Recipient, Rule
from approvals.policy.versions import JUST_ME_MOST, JUST_ME_RULE, Policy
from approvals.vocabulary import Matter, Ruling
from core import clock
from core.access import Role, Scope
from core.actor import Actor, ActorKind
from core.operations import Effect, Operation

TABLE_VERSION = 1


class Asker(StrEnum):
    """The kinds of requester in the table."""

    PERSON = "a person in the dashboard"
    KEY = "an API key"
    KEY_EXECUTING = "an API key that may act without approval"
    APP = "an app"
    APP_EXECUTING = "an app that may act without approval"
    AGENT = "an agent"
    SYSTEM = "the system"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the table: below `role` a request that could run queues."""

    ruling: Ruling
    role: Role = Role.VIEWER


_RUN, _QUEUE = Cell(Ruling.RUN, Role.REVIEWER), Cell(Ruling.QUEUE)

TABLE: dict[tuple[Asker, Matter], Cell] = {
    (Asker.PERSON, Matter.RECORD): _RUN,
    (Asker.PERSON, Matter.SENSITIVE): _RUN,
    (Asker.PERSON, Matter.SEND): _RUN,
    (Asker.KEY, Matter.RECORD): _RUN,
    (Asker.KEY, Matter.SENSITIVE): _RUN,
    (Asker.KEY, Matter.SEND): _QUEUE,
    (Asker.KEY_EXECUTING, Matter.RECORD): _RUN,
    (Asker.KEY_EXECUTING, Matter.SENSITIVE): _RUN,
    (Asker.KEY_EXECUTING, Matter.SEND): _RUN,
    (Asker.APP, Matter.RECORD): _QUEUE,
    (Asker.APP, Matter.SENSITIVE): _QUEUE,
    (Asker.APP, Matter.SEND): _QUEUE,
    (Asker.APP_EXECUTING, Matter.RECORD): _RUN,
    (Asker.APP_EXECUTING, Matter.SENSITIVE): _QUEUE,
    (Asker.APP_EXECUTING, Matter.SEND): _RUN,
    (Asker.AGENT, Matter.RECORD): _QUEUE,
    (Asker.AGENT, Matter.SENSITIVE): _QUEUE,
    (Asker.AGENT, Matter.SEND): _QUEUE,
}


# Their own call counts as the confirmation of a high-risk card: keys may change records directly.
DECIDERS = frozenset({Asker.PERSON, Asker.KEY})


def _none_yet() -> int:
    return 0


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """A request with every fact the decision depends on.

    `direct` is the reason it needs no approval, if the operation has one for this actor. `tainted`
    names the external text the app read recently. `moment` is in the workspace's time zone.
    `ran_by_just_me` counts this person's recent changes that the built-in rule let run.
    """

    actor: Actor
    op: Operation
    type_name: str
    red: list[str]
    require_approval: bool | None = None
    direct: str = ""
    recipient: Recipient = Recipient.ANY
    tainted: str = ""
    moment: datetime | None = None
    ran_by_just_me: Callable[[], int] = _none_yet

    @property
    def asker(self) -> Asker:
        """The kind of requester."""
        return _asker(self.actor, self.op, self.require_approval)

    @property
    def matter(self) -> Matter:
        """The kind of request."""
        return _matter(self.op, self.red)

    @property
    def row(self) -> str:
        return f"{self.asker} asks for {self.matter}"

    @property
    def asked(self) -> Asked:
        """The request as input of the rules."""
        client = self.actor.client
        return Asked(
            type=self.type_name,
            matter=self.matter,
            kind=self.actor.kind,
            askers=frozenset(
                {self.actor.agent_id, *((client.connection_id, client.family) if client else ())}
                - {None, ""}
            ),
            host=client.host if client else "",
            recipient=self.recipient,
            moment=self.moment or clock.now(),
        )


@dataclass(frozen=True, slots=True)
class Decided:
    """The ruling, the sentence that explains it, and a rule's conditions for deciders."""

    ruling: Ruling
    rule: str
    why: str
    version: int = 0
    four_eyes: bool = False
    dashboard_only: bool = False

    def as_record(self) -> dict[str, str | int | bool]:
        """The stored form: pending actions keep the rule that held them."""
        kept: dict[str, str | int | bool] = {
            "ruling": self.ruling,
            "rule": self.rule,
            "why": self.why,
            "version": self.version,
            "table": TABLE_VERSION,
        }
        flags = {"four_eyes": self.four_eyes, "dashboard_only": self.dashboard_only}
        return kept | {name: True for name, is_set in flags.items() if is_set}


def decide(proposed: ActionRequest, policy: Policy, labels: dict[str, str]) -> Decided:
    """The decision on a request: the first matching rule of the workspace, else the table.

    High-risk cards wait for a person regardless of an app's or key's arguments, unless a rule opens
    them. `labels` are the display names of types and requesters.
    """
    match = rules.first_match(policy.rules, proposed.asked)
    if match is not None:
        return _by_rule(proposed, policy, *match, labels)
    ruling, name, why = _without_rules(proposed, policy)
    return Decided(ruling, name, why, policy.version)


def _by_rule(
    proposed: ActionRequest, policy: Policy, number: int, rule: Rule, labels: dict[str, str]
) -> Decided:
    name = f"rule {number}: {rules.sentence(rule, labels)}"
    obstacle = "" if rule.ruling is not Ruling.RUN else _keeps_waiting(proposed, rule)
    ruling = Ruling.QUEUE if obstacle else rule.ruling
    why = {
        Ruling.RUN: f"Runs without approval under {name}",
        Ruling.REFUSE: f"Refused by {name} An admin can change it under Settings, Policy.",
        Ruling.QUEUE: f"Needs approval under {name}{_red_words(proposed.red)}",
    }[rule.ruling]
    if obstacle:
        why = f"Needs approval: {obstacle}, despite {name}"
    return Decided(ruling, name, why, policy.version, rule.four_eyes, rule.dashboard_only)


def _keeps_waiting(proposed: ActionRequest, rule: Rule) -> str:
    """Why a request waits that a rule would let run; empty when it runs."""
    if proposed.require_approval is True:
        return "approval was requested"
    if not proposed.actor.has_role(proposed.op.run_role):
        return f"the role {proposed.actor.role} cannot run this"
    if proposed.red and not rule.opens_red and proposed.asker not in DECIDERS:
        return f"it is high risk ({'; '.join(proposed.red[:10])})"
    if proposed.red and proposed.tainted and proposed.asker not in DECIDERS:
        return f"the app had just read external text ({proposed.tainted})"
    return ""


def _without_rules(proposed: ActionRequest, policy: Policy) -> tuple[Ruling, str, str]:
    cell = TABLE.get((proposed.asker, proposed.matter), _QUEUE)
    name, red = proposed.row, proposed.red
    if proposed.require_approval is True:
        why = f"Needs approval: approval was requested ({name}).{_red_words(red)}"
        return Ruling.QUEUE, name, why
    if proposed.direct:
        return Ruling.RUN, name, f"Runs without approval: {proposed.direct}."
    if _is_just_me(proposed, policy):
        return _by_just_me(proposed)
    if cell.ruling is not Ruling.RUN:
        why = f"Needs approval: {name}.{_switch(proposed.actor, proposed.asker)}{_red_words(red)}"
        return cell.ruling, name, why
    if not proposed.actor.has_role(
        max(cell.role, proposed.op.run_role, key=lambda role: role.rank)
    ):
        why = f"Needs approval: the role {proposed.actor.role} cannot run this alone ({name})."
        return Ruling.QUEUE, name, why
    if red and proposed.asker not in DECIDERS:
        why = f"Needs approval, high risk: {'; '.join(red[:10])} ({name})."
        return Ruling.QUEUE, name, why
    return Ruling.RUN, name, f"Runs without approval: {name}."


def _is_just_me(proposed: ActionRequest, policy: Policy) -> bool:
    """Whether one person works here alone, and this is a reversible change by that person's app."""
    return (
        policy.mode is Mode.JUST_ME
        and policy.just_me is not None
        and policy.just_me == proposed.actor.user_id
        and proposed.asker in {Asker.APP, Asker.APP_EXECUTING}
        and proposed.matter is Matter.RECORD
        and proposed.actor.has_role(proposed.op.run_role)
    )


def _by_just_me(proposed: ActionRequest) -> tuple[Ruling, str, str]:
    used = proposed.ran_by_just_me()
    if used >= JUST_ME_MOST:
        why = (
            f"Needs approval: {used} changes ran without approval in the last 10 minutes, and "
            f"the limit is {JUST_ME_MOST} ({JUST_ME_RULE})."
        )
        return Ruling.QUEUE, JUST_ME_RULE, why
    why = f"Runs without approval: {JUST_ME_RULE}. You can undo it under Done today."
    return Ruling.RUN, JUST_ME_RULE, why


def _asker(actor: Actor, op: Operation, require_approval: bool | None) -> Asker:
    executing = require_approval is False and _may_execute(actor)
    match actor.kind:
        case ActorKind.PERSON:
            return Asker.PERSON
        case ActorKind.APP:
            return Asker.APP_EXECUTING if executing else Asker.APP
        case ActorKind.KEY:
            return Asker.KEY_EXECUTING if executing and op.effect is Effect.SEND else Asker.KEY
        case ActorKind.AGENT:
            return Asker.AGENT
        case ActorKind.JOB:
            return Asker.SYSTEM


def _may_execute(actor: Actor) -> bool:
    return actor.scopes is not None and Scope.ACTIONS_EXECUTE in actor.scopes


def _matter(op: Operation, red: list[str]) -> Matter:
    if op.effect is Effect.SEND:
        return Matter.SEND
    return Matter.SENSITIVE if red or op.effect is Effect.DELETE else Matter.RECORD


def _red_words(red: list[str]) -> str:
    return f" High risk: {'; '.join(red[:10])}." if red else ""


def _switch(actor: Actor, asker: Asker) -> str:
    """The switch that would let it run, if there is one."""
    if asker is not Asker.APP or not actor.has_role(Role.REVIEWER):
        return ""
    if not _may_execute(actor):
        return " To let this app act without approval, reconnect it and tick that permission."
    return (
        " With require_approval false this app acts without approval, except for high-risk actions."
    )
