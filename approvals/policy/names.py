"""What the sentences of rules call types, and the agents, keys and apps a rule names (policy-2)."""

from collections.abc import Iterable

from accounts import requesters
from approvals import registry
from approvals.policy.schemas import Rule


def labels(workspace_id: str, rules: Iterable[Rule]) -> dict[str, str]:
    """Each type's words, and those of whatever one of these rules names; a rule keeps its id."""
    named = requesters.all_requesters(workspace_id) if any(rule.asker for rule in rules) else []
    return registry.labels() | dict(named)
