"""What became of the proposals of all agents, in one question, for their list."""

from dataclasses import dataclass

from django.db.models import Count, Q

from agents.queries.feedback import APPROVED, EDITED
from approvals.models import Action
from approvals.vocabulary import Status
from core.actor import Actor


@dataclass(frozen=True, slots=True)
class Tally:
    """Of one agent: proposals that wait, those approved, and those of them that a person edited."""

    waiting: int = 0
    approved: int = 0
    edited: int = 0

    @property
    def unedited_rate(self) -> float | None:
        """Of those approved, how many went out as drafted, 0 to 1; None before the first one."""
        return (self.approved - self.edited) / self.approved if self.approved else None


def by_agent(actor: Actor) -> dict[str, Tally]:
    """The tallies by the agent's id; an agent that proposed nothing has none."""
    rows = Action.objects.visible_to(actor).filter(agent_id__isnull=False).order_by()
    counted = rows.values("agent_id").annotate(
        waiting=Count("pk", filter=Q(status=Status.PENDING)),
        approved=Count("pk", filter=APPROVED),
        edited=Count("pk", filter=EDITED),
    )
    return {
        str(row["agent_id"]): Tally(row["waiting"], row["approved"], row["edited"])
        for row in counted
    }
