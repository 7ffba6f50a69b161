"""Trials: whether an agent's current version was tried on contacts before it is switched on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agents.models import Agent, Run, Target
from agents.models.target import DONE
from agents.queries.agents import setup_of
from core.actor import Actor
from jobs.models.job import JobStatus


@dataclass(frozen=True, slots=True)
class Trial:
    """The latest rehearsal of an agent. `is_current`: its settings have not changed since.
    `looked_at` is the number of contacts it decided about.
    """

    run_id: str
    status: str
    at: datetime
    is_current: bool
    looked_at: int

    @property
    def is_open(self) -> bool:
        """Whether it is still running."""
        return bool(JobStatus(self.status).is_open)

    @property
    def counts(self) -> bool:
        """Whether it is valid for the agent's current settings."""
        has_ended = self.status == JobStatus.COMPLETED
        return self.is_current and has_ended and self.looked_at > 0


def latest_trial(actor: Actor, agent: Agent) -> Trial | None:
    """The latest rehearsal; None where there was none."""
    rows = Run.objects.visible_to(actor).filter(agent=agent, rehearsal=True)
    run = rows.select_related("job").order_by("-created_at", "-id").first()
    if run is None:
        return None
    return Trial(
        run_id=str(run.pk),
        status=run.job.status,
        at=run.created_at,
        is_current=_without_version(run.setup) == _without_version(setup_of(agent)),
        looked_at=Target.objects.visible_to(actor).filter(run=run, state=DONE).count(),
    )


def _without_version(setup: dict[str, Any]) -> dict[str, Any]:
    """A new name or a switch makes a new version, and changes nothing that a trial shows."""
    return {key: value for key, value in setup.items() if key != "version"}
