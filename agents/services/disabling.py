"""Switching an agent off when it cannot continue; its owner and the admins are notified
(attention-1).
"""

from django.db.models import F

from agents.models import Agent
from approvals.attention import alerts
from approvals.attention.kinds import Kind
from core import clock


def switch_off(agent: Agent, why: str) -> None:
    """Switch it off with our sentence; the caller holds the transaction."""
    changed = Agent.objects.filter(pk=agent.pk, enabled=True).update(
        enabled=False, switched_off_why=why[:300], version=F("version") + 1, updated_at=clock.now()
    )
    if not changed:
        return
    alerts.raise_for_channel(
        str(agent.workspace_id),
        Kind.SWITCHED_OFF,
        str(agent.pk),
        str(agent.owner_id),
        about=f"The agent {agent.name}",
        path=f"/agents/{agent.pk}/",
    )
