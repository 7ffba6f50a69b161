"""A workspace's own rules: matching, and their text. Pure functions."""

from datetime import datetime

from approvals.policy.schemas import DAYS, Asked, Kind, Recipient, Rule
from approvals.vocabulary import Matter, Ruling

_KINDS: dict[Kind, str] = {
    "person": "a person in the dashboard",
    "key": "an API key",
    "app": "an app",
    "agent": "an agent",
}
_MATTERS = {
    Matter.RECORD: "record changes that can be undone",
    Matter.SENSITIVE: "sensitive changes and deletes",
    Matter.SEND: "messages",
}
_RULINGS = {
    Ruling.RUN: "runs without approval",
    Ruling.QUEUE: "needs approval",
    Ruling.REFUSE: "is refused",
}
_GONE = "something deleted"
_STRICTNESS = [Ruling.RUN, Ruling.QUEUE, Ruling.REFUSE]


def first_match(rules: tuple[Rule, ...], asked: Asked) -> tuple[int, Rule] | None:
    """The number (from 1) and rule that decide this request, or None: then the table decides."""
    numbered = enumerate(rules, start=1)
    return next(((number, rule) for number, rule in numbered if matches(rule, asked)), None)


def matches(rule: Rule, asked: Asked) -> bool:
    """Whether the rule matches this request. Rules never match the system's own work."""
    return (
        asked.kind in (rule.kinds or tuple(_KINDS))
        and asked.type in (rule.types or (asked.type,))
        and asked.matter in (rule.matters or (asked.matter,))
        and (not rule.asker or rule.asker in asked.askers)
        and asked.host == (rule.host or asked.host)
        and asked.recipient == (rule.recipient or asked.recipient)
        and _is_within(rule, asked.moment)
    )


def _is_within(rule: Rule, moment: datetime) -> bool:
    if rule.begins is None or rule.ends is None:
        return not rule.days or moment.weekday() in rule.days
    now, runs_over_midnight = moment.time(), rule.begins > rule.ends
    if not runs_over_midnight:
        is_in, day = rule.begins <= now < rule.ends, moment.weekday()
    else:
        is_in = now >= rule.begins or now < rule.ends
        # After midnight the window of the day before continues.
        day = (moment.weekday() - (now < rule.ends)) % 7
    return is_in and (not rule.days or day in rule.days)


def loosens(before: Rule | None, after: Rule | None) -> bool:
    """Whether replacing one rule may let requests run that did not run before.

    A new rule is the last one, so it only precedes the table, which refuses nothing.
    """
    if after is None:
        return before is not None and before.ruling is not Ruling.RUN
    if before is None or after.ruling is Ruling.RUN:
        return after.ruling is Ruling.RUN
    return not (before.covers == after.covers and _is_as_strict(before, after))


def _is_as_strict(before: Rule, after: Rule) -> bool:
    was, now = _STRICTNESS.index(before.ruling), _STRICTNESS.index(after.ruling)
    return now > was or (
        now == was
        and after.four_eyes >= before.four_eyes
        and after.dashboard_only >= before.dashboard_only
    )


def sentence(rule: Rule, labels: dict[str, str]) -> str:
    """The rule in plain words; `labels` are the display names of types and requesters."""
    what = _listed([labels.get(name, name) for name in rule.types]) if rule.types else ""
    matter = _listed([_MATTERS[found] for found in rule.matters])
    about = f"{what} ({matter})" if what and matter else what or matter or "anything"
    kinds = _listed([_KINDS[kind] for kind in rule.kinds])
    who = labels.get(rule.asker, _GONE) if rule.asker else kinds
    parts = [
        about,
        f"requested by {who}" if who else "",
        f"at {rule.host}" if rule.host else "",
        {Recipient.KNOWN: "to known recipients", Recipient.NEW: "to new recipients"}.get(
            rule.recipient, ""
        ),
        _window(rule),
    ]
    words = " ".join(part for part in parts if part)
    return f"{words[0].upper()}{words[1:]} {_RULINGS[rule.ruling]}{_extras(rule)}."


def _window(rule: Rule) -> str:
    days = _listed([DAYS[day] for day in sorted(rule.days)])
    hours = (
        f"between {rule.begins:%H:%M} and {rule.ends:%H:%M}"
        if rule.begins is not None and rule.ends is not None
        else ""
    )
    return " ".join(part for part in (f"on {days}" if days else "", hours) if part)


def _extras(rule: Rule) -> str:
    extras = [
        "approved by someone other than the requester" if rule.four_eyes else "",
        "approved in the dashboard only" if rule.dashboard_only else "",
        "including high risk" if rule.opens_red else "",
    ]
    return "".join(f", {extra}" for extra in extras if extra)


def _listed(words: list[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} or {words[-1]}"
