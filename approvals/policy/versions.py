"""A workspace's current policy, its earlier versions, and the names its rules refer to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from accounts import requesters
from accounts.models import Workspace
from approvals import registry
from approvals.models import Action, PolicyVersion
from approvals.policy.schemas import Mode, Rule
from core import clock
from core.actor import Actor

JUST_ME_RULE = "my own record changes"
JUST_ME_MOST = 25
JUST_ME_WITHIN = timedelta(minutes=10)
CAP_MESSAGES, CAP_DAYS = 3, 7


@dataclass(frozen=True, slots=True)
class Policy:
    """A version of a policy; version 0 is the unchanged default.

    At most `cap_messages` go to one recipient in `cap_days` without a decision on each.
    """

    version: int = 0
    rules: tuple[Rule, ...] = ()
    mode: Mode = Mode.UNANSWERED
    just_me: str | None = None
    cap_messages: int = CAP_MESSAGES
    cap_days: int = CAP_DAYS


def labels(workspace_id: str, rules: Iterable[Rule]) -> dict[str, str]:
    """The display names of types, and of the agents, keys and apps that these rules refer to by id
    (policy-2).
    """
    named = requesters.all_requesters(workspace_id) if any(rule.asker for rule in rules) else []
    return registry.labels() | dict(named)


def current(workspace_id: str) -> Policy:
    """The policy that holds now."""
    row = PolicyVersion.objects.filter(workspace_id=workspace_id).order_by("-number").first()
    if row is None:
        return Policy()
    return Policy(
        version=row.number,
        rules=tuple(Rule.model_validate(rule) for rule in row.rules),
        mode=Mode(row.mode),
        just_me=str(row.just_me_id) if row.just_me_id else None,
        cap_messages=row.cap_messages,
        cap_days=row.cap_days,
    )


def changes(actor: Actor) -> list[PolicyVersion]:
    """The latest changes, newest first."""
    rows = PolicyVersion.objects.filter(workspace_id=actor.workspace_id)
    return list(rows.order_by("-number")[:20])


def zone_of(workspace_id: str) -> ZoneInfo:
    """The workspace's time zone."""
    rows = Workspace.objects.filter(pk=workspace_id)
    return ZoneInfo(rows.values_list("time_zone", flat=True).first() or "UTC")


def ran_by_just_me(actor: Actor) -> int:
    """The number of the actor's recent record changes that the built-in rule let run."""
    return Action.objects.filter(
        workspace_id=actor.workspace_id,
        requested_by=actor.user_id,
        policy__rule=JUST_ME_RULE,
        policy__ruling="run",
        created_at__gte=clock.now() - JUST_ME_WITHIN,
    ).count()
