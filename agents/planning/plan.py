"""What a playbook template is, and what its rules answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agents.planning.facts import Facts
from agents.planning.stored import stored
from agents.providers.base import Intent


@dataclass(frozen=True, slots=True)
class Case:
    """One contact on the table: the facts, what may be proposed, and when it is."""

    facts: Facts
    capabilities: frozenset[str]
    now: datetime

    def may(self, action_type: str) -> bool:
        """Whether the agent may propose this type."""
        return action_type in self.capabilities

    def has_channel(self, channel: str) -> bool:
        """Whether the sender can be reached through and write by this channel."""
        return self.facts.sender is not None and channel in self.facts.sender.channels


@dataclass(frozen=True, slots=True)
class Plan:
    """What the rules propose, and why; without intents `summary` says why nothing."""

    summary: str
    intents: tuple[Intent, ...] = ()


Rules = Callable[[Case], Plan]


@dataclass(frozen=True, slots=True)
class Template:
    """What an agent starts from; everything but `rules` can be edited afterwards.

    `playbook` is Markdown for a model and for people; `rules` are what the built-in planner does
    instead, however the playbook reads. `filter` is in the grammar of segments (crm.filters),
    `schedule` a cron line in the workspace's time zone.
    """

    slug: str
    title: str
    description: str
    playbook: str
    filter: Mapping[str, Any]
    capabilities: tuple[str, ...]
    schedule: str
    rules: Rules


def template(slug: str, rules: Rules) -> Template:
    """The template whose words, filter and schedule are in templates/<slug>.toml."""
    words = stored(f"templates/{slug}")
    capabilities = tuple(words.pop("capabilities"))
    return Template(slug=slug, capabilities=capabilities, rules=rules, **words)
