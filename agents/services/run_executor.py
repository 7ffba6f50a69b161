"""Executing a run contact by contact, so that a kill, a cancel or a failure costs one contact.

1. Its contacts are chosen once and stored (`targeted_at`).
2. For each: gather, decide, store the decision, propose it, mark the contact done. A stored
   decision is never requested again, so a resumed run proposes nothing twice.
3. Every write locks the job's row: a run that was cancelled or taken over writes nothing more,
   except the cost of its last decision.
4. A failed contact is marked and the next one begins; a provider that refuses our key or model ends
   the run and switches the agent off.
"""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

import structlog
from django.db.models import F

from agents.models import Agent, Run, Target
from agents.models.target import DECIDED, DONE, FAILED, WAITING
from agents.providers.base import (
    BudgetSpent,
    Interrupted,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
    Usage,
)
from agents.queries import targeting
from agents.queries.owners import actor_of
from agents.queries.runs import counts_of, run_of
from agents.schemas.runs import Counts
from agents.services.deciding import decide
from agents.services.disabling import switch_off
from agents.services.proposing import propose
from agents.services.triggering import REHEARSED, add_targets
from core import clock, operations
from core.actor import Actor
from core.db import unit
from core.errors import AppError, Paused, QueueFull
from jobs.job_context import Done, Ended, Later, LeaseLost, Outcome, Running

log = structlog.get_logger(__name__)

OWNER_GONE = "Its owner is no longer an admin of this workspace."
_FAULT = "Something went wrong. The server log has the details."
_SPENT = "Today's model budget is spent; the remaining contacts were skipped."
_FULL = "Too many of its proposals are waiting; the remaining contacts were skipped."
_STOPPED_FOR = timedelta(seconds=30)
_BUSY_FOR = timedelta(seconds=60)
# Consecutive contacts without an answer after which the run waits or gives up.
_IN_A_ROW = 3


class _Over(Exception):
    """The run ends or waits here."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


def run_agent(job: Running) -> Outcome:
    """The runner of agents.run; called again after a crash or a wait."""
    run = Run.objects.select_related("agent", "agent__owner").get(job=job.id)
    try:
        return _Work(job, run).all_of_it()
    except _Over as over:
        return over.outcome


class _Work:
    def __init__(self, job: Running, run: Run) -> None:
        self._job, self._run = job, run
        self._agent: Agent = run.agent
        self._actor = self._acting()
        self._in_a_row = 0

    def all_of_it(self) -> Outcome:
        """Process every contact that is not done, then the summary."""
        if self._run.targeted_at is None:
            self._choose()
        todo = Target.objects.filter(run=self._run, state__in=[WAITING, DECIDED])
        ended = Target.objects.filter(run=self._run).count() - todo.count()
        for target in todo.select_related("contact").order_by("position"):
            self._job.progress(done=ended, message="Reviewing contacts.")
            self._check_stop()
            self._one(target)
            ended += 1
        self._job.progress(done=ended, message="Done.")
        return self._finished("")

    def _acting(self) -> Actor:
        actor = actor_of(self._agent, self._run)
        if actor is None:
            with unit():
                self._job.hold()
                switch_off(self._agent, OWNER_GONE)
            raise _Over(Ended("forbidden", OWNER_GONE))
        return actor

    def _choose(self) -> None:
        setup = self._run.setup["monitoring"]
        most = REHEARSED if self._run.rehearsal else setup["max_contacts_per_run"]
        chosen = targeting.due_contacts(self._actor, self._agent, most)
        with unit():
            self._job.hold()
            if Run.objects.filter(pk=self._run.pk, targeted_at=None).update(
                targeted_at=clock.now()
            ):
                add_targets(self._run, chosen)
        self._job.progress(done=0, total=len(chosen))

    def _check_stop(self) -> None:
        """Nothing begins in a stopped workspace; the run goes on where it was."""
        if operations.paused(self._actor):
            raise self._stopped()

    def _stopped(self) -> _Over:
        at = clock.now() + _STOPPED_FOR
        return _Over(Later(at, "Waiting: the workspace is stopped."))

    def _one(self, target: Target) -> None:
        try:
            if target.state == DECIDED or self._decide(target):
                self._propose(target)
                self._in_a_row = 0
        except (LeaseLost, _Over):
            raise
        except Paused:
            raise self._stopped() from None
        except QueueFull:
            raise _Over(self._finished(_FULL)) from None
        except AppError as refusal:
            if refusal.retryable:
                raise
            self._failed(target, refusal.message)
        except Exception:  # one contact's error must not affect the others
            log.exception("agents.contact_failed", target=str(target.pk))
            self._failed(target, _FAULT)

    def _decide(self, target: Target) -> bool:
        """Decide and store the decision; false if there was none, which is stored too."""
        try:
            made = decide(self._job, self._actor, self._run, target)
        except ProviderError as none:
            self._spent(target, none.usage)
            self._undecided(target, none)
            return False
        self._spent(target, made.decision.usage)
        with unit():
            self._job.hold()
            self._set(
                target,
                state=DECIDED,
                decision={"intents": [asdict(intent) for intent in made.decision.intents]},
                summary=made.decision.summary,
                read=made.read,
            )
        return True

    def _undecided(self, target: Target, none: ProviderError) -> None:
        """Handle a missing decision: for this contact, or for the whole run."""
        if isinstance(none, Interrupted):
            raise LeaseLost(self._job.id) from none
        if isinstance(none, BudgetSpent):
            raise _Over(self._finished(_SPENT)) from none
        if isinstance(none, ProviderRefused):
            raise self._refused(none) from none
        if isinstance(none, ProviderUnavailable):
            self._unanswered(target, none)
        else:
            self._failed(target, none.sentence)

    def _propose(self, target: Target) -> None:
        outside = tuple(row["id"] for row in target.read if row.get("source") == "external")
        actor = actor_of(self._agent, self._run, outside)
        if actor is None:
            raise _Over(Ended("forbidden", OWNER_GONE))
        propose(self._job, actor, self._run, target)
        with unit():
            self._job.hold()
            self._set(target, state=DONE, ended_at=clock.now())

    def _failed(self, target: Target, sentence: str) -> None:
        with unit():
            self._job.hold()
            self._set(target, state=FAILED, fault=sentence[:300], ended_at=clock.now())

    def _unanswered(self, target: Target, gone: ProviderUnavailable) -> None:
        """Handle a busy provider: after some contacts the run waits, the next time it fails."""
        self._in_a_row += 1
        if self._in_a_row < _IN_A_ROW or not gone.retryable:
            self._failed(target, gone.sentence)
            return
        seconds = gone.retry_after_seconds or _BUSY_FOR.total_seconds()
        at = clock.now() + timedelta(seconds=min(seconds, 3600))
        raise _Over(Later(at, "Waiting: the model provider is not responding."))

    def _refused(self, refusal: ProviderRefused) -> _Over:
        """Our key or model is refused: every contact would fail the same way."""
        with unit():
            self._job.hold()
            switch_off(self._agent, f"Its model provider rejected the request: {refusal.sentence}")
        return _Over(Ended("unavailable", refusal.sentence))

    def _finished(self, reason: str) -> Done:
        counts = counts_of(run_of(self._actor, str(self._run.pk)))
        said = _summary(counts, rehearsal=self._run.rehearsal)
        summary = f"{said} {reason}".strip()
        with unit():
            self._job.hold()
            Run.objects.filter(pk=self._run.pk).update(summary=summary)
        return Done(
            {"run_id": str(self._run.pk), "summary": summary, "counts": counts.model_dump()}
        )

    def _spent(self, target: Target, usage: Usage) -> None:
        """Count the cost of a decision, even if the run was cancelled or taken over meanwhile: the
        money is spent.
        """
        cost = {
            "input_tokens": usage.input_tokens,
            "output_tokens": usage.output_tokens,
            "micro_usd": usage.micro_usd,
        }
        more = {name: F(name) + number for name, number in cost.items()}
        with unit():
            Run.objects.filter(pk=self._run.pk).update(**more)
            # The day of the spending, even if the contact is reviewed again.
            Target.objects.filter(pk=target.pk).update(**more, spent_at=clock.now())

    def _set(self, target: Target, **values: Any) -> None:
        Target.objects.filter(pk=target.pk).update(**values)
        for name, value in values.items():
            setattr(target, name, value)


def _summary(counts: Counts, *, rehearsal: bool) -> str:
    verb = "would be made" if rehearsal else "made"
    parts = [
        f"{counts.contacts} contacts reviewed",
        f"{counts.proposals} proposals {verb}",
        f"{counts.nothing} without one",
    ]
    if counts.failed:
        parts.append(f"{counts.failed} failed")
    return ", ".join(parts) + "."
