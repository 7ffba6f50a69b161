"""The policy in plain words: the default table, the workspace's rules, and a tester."""

from dataclasses import dataclass

from approvals import registry
from approvals.policy import engine, rules, versions
from approvals.policy.engine import DECIDERS, TABLE, ActionRequest, Asker, Decided
from approvals.policy.schemas import Recipient, Rule
from approvals.vocabulary import Matter, Ruling
from core import clock
from core.access import Role, Scope
from core.actor import Actor, ActorKind, Client, Surface
from core.operations import Effect

_WORDS = {
    Ruling.RUN: "runs for reviewers and admins; otherwise needs approval",
    Ruling.QUEUE: "needs approval",
    Ruling.REFUSE: "is refused",
}
_NAMES = {
    Asker.PERSON: "A person in the dashboard",
    Asker.KEY: "An API key",
    Asker.KEY_EXECUTING: "An API key acting without approval",
    Asker.APP: "An app connected over MCP",
    Asker.APP_EXECUTING: "An app acting without approval",
    Asker.AGENT: "An agent",
}
_KIND_OF = {"ag": ActorKind.AGENT, "key": ActorKind.KEY, "conn": ActorKind.APP}


@dataclass(frozen=True, slots=True)
class TableRow:
    """A requester, and the ruling on each matter, in words."""

    who: str
    record: str
    sensitive: str
    send: str


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule in the page's list."""

    number: int
    id: str
    sentence: str
    ruling: str


@dataclass(frozen=True, slots=True)
class Trial:
    """A hypothetical request for the tester."""

    type: str
    kind: str
    role: Role = Role.REVIEWER
    asker: str = ""
    host: str = ""
    recipient: str = ""
    is_red: bool = False
    executes: bool = False


def default_table() -> list[TableRow]:
    """The table of policy-1 in words."""
    return [TableRow(name, *(_cell(asker, matter) for matter in Matter)) for asker, name in
            _NAMES.items()]  # fmt: skip


def rule_rows(actor: Actor) -> list[RuleRow]:
    """The workspace's own rules in their order."""
    found = versions.current(actor.workspace_id).rules
    named = versions.labels(actor.workspace_id, found)
    return [
        RuleRow(number, rule.id, rules.sentence(rule, named), rule.ruling)
        for number, rule in enumerate(found, start=1)
    ]


def rule_of(actor: Actor, rule_id: str) -> Rule | None:
    """One rule of the workspace."""
    found = versions.current(actor.workspace_id).rules
    return next((rule for rule in found if rule.id == rule_id), None)


def try_policy(actor: Actor, trial: Trial) -> Decided:
    """The decision on such a request now, by the same code as for a real one."""
    kind = registry.named(trial.type)
    proposed = ActionRequest(
        actor=_asker(actor, trial),
        op=kind.declared,
        type_name=kind.name,
        red=_red(trial, kind.declared.effect),
        require_approval=False if trial.executes else None,
        recipient=Recipient(trial.recipient) if kind.executor else Recipient.ANY,
        moment=clock.now().astimezone(versions.zone_of(actor.workspace_id)),
    )
    held = versions.current(actor.workspace_id)
    return engine.decide(proposed, held, versions.labels(actor.workspace_id, held.rules))


def _cell(asker: Asker, matter: Matter) -> str:
    ruling = TABLE[asker, matter].ruling
    if ruling is Ruling.RUN and matter is Matter.SEND and asker not in DECIDERS:
        return "runs after the undo window, unless high risk"
    if ruling is Ruling.RUN and matter is Matter.SENSITIVE:
        return "runs if the role allows; otherwise needs approval"
    return _WORDS[ruling]


def _red(trial: Trial, effect: Effect) -> list[str]:
    if effect is Effect.SEND:
        return ["first message to a new recipient"] if trial.recipient == Recipient.NEW else []
    return ["change of a sensitive field"] if trial.is_red else []


def _asker(actor: Actor, trial: Trial) -> Actor:
    kind = _KIND_OF.get(trial.asker.partition("_")[0], ActorKind(trial.kind))
    scopes = frozenset(Scope) if trial.executes else frozenset(Scope) - {Scope.ACTIONS_EXECUTE}
    surfaces = {ActorKind.APP: Surface.MCP, ActorKind.KEY: Surface.REST}
    client = Client("Tester", trial.host, connection_id=trial.asker)
    return Actor(
        workspace_id=actor.workspace_id,
        kind=kind,
        surface=surfaces.get(kind, Surface.DASHBOARD),
        role=trial.role,
        name=actor.name,
        user_id=actor.user_id,
        scopes=None if kind is ActorKind.PERSON else scopes,
        client=client if trial.host or trial.asker else None,
    )
