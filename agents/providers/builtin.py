"""The built-in planner: the rules of the agent's template, no model, no cost.

The same facts at the same time give the same decision. It does not call tools.
"""

from agents.planning.catalog import TEMPLATES
from agents.planning.plan import Case
from agents.providers.base import Brief, Decision, ReadTools, Usage


class Builtin:
    """Decides by rules."""

    name = "builtin"

    def decide(self, brief: Brief, tools: ReadTools) -> Decision:
        """The proposals of the template's rules; none for an agent without a template."""
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
