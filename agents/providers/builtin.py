"""The built-in planner: the rules of the agent's template, no model, no cost.

The same facts at the same time give the same decision. It asks no tools: the facts are enough.
"""

from agents.planning.catalog import TEMPLATES
from agents.planning.plan import Case
from agents.providers.base import Brief, Decision, ReadTools, Usage


class Builtin:
    """Decides by rules."""

    name = "builtin"

    def decide(self, brief: Brief, tools: ReadTools) -> Decision:
        """What the template's rules propose; nothing for an agent without one."""
        template = TEMPLATES.get(brief.template or "")
        if template is None:
            return Decision(
                (),
                "The built-in planner follows a template, and this agent has none. Choose a "
                "template, or a model provider that reads the playbook.",
                Usage(),
            )
        plan = template.rules(Case(brief.facts, frozenset(brief.capabilities), brief.now))
        return Decision(plan.intents, plan.summary, Usage())
