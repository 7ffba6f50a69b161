"""Changing a workspace's policy: admins only, with a fresh login to loosen it (policy-9).

Each change makes a new version. The form has the version it was made from: of two concurrent
changes one wins, and the other must be reviewed again.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from django.db import IntegrityError, transaction

from accounts import actors, requesters
from approvals import registry
from approvals.models import PolicyVersion
from approvals.policy import rules, versions
from approvals.policy.schemas import MOST_RULES, Mode, Rule
from approvals.policy.versions import Policy
from core import clock
from core.access import Role
from core.actor import Actor
from core.errors import Changed, Conflict, NotFound, ValidationFailed
from core.ids import new_id
from core.page_operations import Done, page_operation, require_fresh_login

Rules = tuple[Rule, ...]
MODES = {Mode.JUST_ME: "just me", Mode.TEAM: "a team", Mode.UNANSWERED: "not chosen yet"}


def new_rule_id() -> str:
    """The id of a new rule."""
    return new_id("rule")


@page_operation("approvals.policy.add_rule")
def add_rule(actor: Actor, version: int, rule: Rule) -> Done:
    """Append a rule.

    Raises Forbidden, Changed when the policy was changed meanwhile, ValidationFailed.
    """
    _check(actor, rule)
    if rules.loosens(None, rule):
        require_fresh_login(actor)

    def added(found: Rules) -> Rules:
        if len(found) >= MOST_RULES:
            raise Conflict(
                f"A workspace can have at most {MOST_RULES} rules.", hint="Remove one first."
            )
        return (*found, rule)

    return _change_rules(actor, version, added, "added", None, rule)


@page_operation("approvals.policy.change_rule")
def change_rule(actor: Actor, version: int, rule: Rule) -> Done:
    """Replace the rule with the same id, in its place."""
    before = _rule(actor, rule.id)
    _check(actor, rule, before.asker)
    if rules.loosens(before, rule):
        require_fresh_login(actor)

    def changed(found: Rules) -> Rules:
        return tuple(rule if row.id == rule.id else row for row in found)

    return _change_rules(actor, version, changed, "changed", before, rule)


@page_operation("approvals.policy.remove_rule")
def remove_rule(actor: Actor, version: int, rule_id: str) -> Done:
    """Delete a rule."""
    before = _rule(actor, rule_id)
    if rules.loosens(before, None):
        require_fresh_login(actor)

    def without(found: Rules) -> Rules:
        return tuple(row for row in found if row.id != rule_id)

    return _change_rules(actor, version, without, "removed", before, None)


@page_operation("approvals.policy.move_rule", fresh_login=True)
def move_rule(actor: Actor, version: int, rule_id: str, step: int) -> Done:
    """Swap a rule with the one before (-1) or after it (1); the first match decides."""
    moved = _rule(actor, rule_id)

    def swapped(found: Rules) -> Rules:
        at = [row.id for row in found].index(rule_id)
        to = at + step
        if step not in (-1, 1) or not 0 <= to < len(found):
            raise ValidationFailed("The rule cannot move further.")
        order = list(found)
        order[at], order[to] = order[to], order[at]
        return tuple(order)

    return _change_rules(actor, version, swapped, "moved", moved, moved)


@page_operation("approvals.policy.set_mode")
def set_mode(actor: Actor, mode: Mode) -> Done:
    """Set whether one person works here alone or a team does; "just me" is the person who sets it.

    Raises Forbidden unless an admin sets it: "just me" lets changes run, so it needs a fresh login.
    """
    if mode is Mode.UNANSWERED:
        raise ValidationFailed("Choose just me or a team.", field="mode")
    before = versions.current(actor.workspace_id)
    if mode is Mode.JUST_ME and before.mode is not Mode.JUST_ME:
        require_fresh_login(actor)
    me = actor.user_id if mode is Mode.JUST_ME else None
    after = replace(before, mode=mode, just_me=me)
    return _store(actor, after, f"{MODES[before.mode]} → {MODES[mode]}", ["mode"])


@page_operation("approvals.policy.set_cap")
def set_cap(actor: Actor, version: int, cap_messages: int, cap_days: int) -> Done:
    """Set how many messages a recipient gets in a number of days without a decision on each."""
    messages, days = cap_messages, cap_days
    if not (0 <= messages <= 100 and 1 <= days <= 90):
        raise ValidationFailed("Give 0 to 100 messages in 1 to 90 days.", field="cap_messages")
    before = _current(actor, version)
    if messages * before.cap_days > before.cap_messages * days or days < before.cap_days:
        require_fresh_login(actor)
    what = f"{before.cap_messages} in {before.cap_days} days → {messages} in {days} days"
    return _store(actor, replace(before, cap_messages=messages, cap_days=days), what, ["cap"])


def _change_rules(
    actor: Actor,
    version: int,
    change: Callable[[Rules], Rules],
    verb: str,
    before: Rule | None,
    after: Rule | None,
) -> Done:
    policy = _current(actor, version)
    said = [_sentence(actor, rule) for rule in (before, after) if rule is not None]
    what = f"{verb}: {' → '.join(dict.fromkeys(said))}"
    names = [f"before:{_sentence(actor, before)}"] if before else []
    names += [f"after:{_sentence(actor, after)}"] if after else []
    return _store(actor, replace(policy, rules=change(policy.rules)), what, [verb, *names])


def _store(actor: Actor, policy: Policy, what: str, names: Sequence[str]) -> Done:
    try:
        with transaction.atomic():
            row = PolicyVersion.objects.create(
                workspace_id=actor.workspace_id,
                number=policy.version + 1,
                rules=[rule.model_dump(mode="json") for rule in policy.rules],
                mode=policy.mode,
                just_me_id=policy.just_me,
                cap_messages=policy.cap_messages,
                cap_days=policy.cap_days,
                what=what[:500],
                changed_by_name=actor.name[:200],
                at=clock.now(),
            )
    except IntegrityError as error:
        raise _changed() from error
    return Done(
        verb="approvals.policy.change",
        object_ids={"policy_id": str(row.pk)},
        fields=[f"version:{row.number}", *names],
    )


def _current(actor: Actor, version: int) -> Policy:
    policy = versions.current(actor.workspace_id)
    if policy.version != version:
        raise _changed()
    return policy


def _changed() -> Changed:
    return Changed("The policy has changed in the meantime.", hint="Reload the page and try again.")


def _rule(actor: Actor, rule_id: str) -> Rule:
    found = versions.current(actor.workspace_id).rules
    rule = next((row for row in found if row.id == rule_id), None)
    if rule is None:
        raise NotFound("rule")
    return rule


def _check(actor: Actor, rule: Rule, known: str = "") -> None:
    for name in rule.types:
        registry.named(name)
    if rule.asker not in {
        "",
        known,
        *(pk for pk, _ in requesters.all_requesters(actor.workspace_id)),
    }:
        raise ValidationFailed("This workspace has no such agent, key or app.", field="asker")


def _sentence(actor: Actor, rule: Rule) -> str:
    return rules.sentence(rule, versions.labels(actor.workspace_id, [rule]))


def question_after_login(user_id: str, workspace_id: str) -> str:
    """The page that asks an admin who works here, until it is answered."""
    membership = actors.membership_of(user_id, workspace_id)
    is_admin = membership is not None and Role(membership.role) is Role.ADMIN
    is_open = is_admin and versions.current(workspace_id).mode is Mode.UNANSWERED
    return "mode" if is_open else ""
