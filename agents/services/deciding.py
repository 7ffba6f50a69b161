"""One decision about one contact: facts, instructions and provider."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agents import instructions, money
from agents.capabilities import action_types
from agents.models import AllowedProvider, Run, Target
from agents.planning.facts import Facts
from agents.providers.base import Brief, Budget, Decision, Interrupted, ProviderRefused, Settings
from agents.providers.registry import provider_named
from agents.queries import contact_context
from agents.read_tools import ContactReader
from core import clock
from core.actor import Actor
from jobs.job_context import LeaseLost, Running

_TIMEOUT_SECONDS = 60.0
_MOST_TOKENS = 200_000


@dataclass(frozen=True, slots=True)
class Made:
    """A decision, and the objects it is based on as stored by the run."""

    decision: Decision
    read: list[dict[str, Any]]


def decide(job: Running, actor: Actor, run: Run, target: Target) -> Made:
    """Gather the facts and call the provider, outside any transaction. Raises ProviderError,
    AppError.
    """
    config = run.setup["llm_config"]
    _check_allowed(run, config["provider"])
    facts = contact_context.facts_of(actor, run.agent, str(target.contact_id))
    reader = ContactReader(actor, facts.contact.id)
    provider = provider_named(config["provider"], _pause(job))
    decision = provider.decide(_brief(actor, run, facts, config), reader)
    if decision.usage.requests:
        rows = AllowedProvider.objects.filter(
            workspace_id=run.workspace_id, provider=config["provider"]
        )
        rows.update(last_used_at=clock.now())
    read = contact_context.read_list(facts, target.contact.version) + reader.read
    return Made(decision, list({row["id"]: row for row in read}.values()))


def _check_allowed(run: Run, provider: str) -> None:
    rows = AllowedProvider.objects.filter(workspace_id=run.workspace_id, provider=provider)
    if provider != "builtin" and not rows.exists():
        raise ProviderRefused("This workspace no longer allows this provider.")


def _brief(actor: Actor, run: Run, facts: Facts, config: dict[str, Any]) -> Brief:
    setup: dict[str, Any] = run.setup
    left = money.left_today(actor, str(run.agent_id), config["budget"])
    return Brief(
        instructions=instructions.for_contact(
            actor, run.agent, setup["playbook"], facts.contact.id
        ),
        facts=facts,
        capabilities=action_types(setup["capabilities"]),
        template=setup["playbook_template"] or None,
        settings=Settings(
            provider=config["provider"],
            model=config.get("model") or "",
            temperature=config.get("temperature"),
            max_tokens=config["max_tokens"],
            timeout_seconds=_TIMEOUT_SECONDS,
        ),
        budget=Budget(_MOST_TOKENS, _MOST_TOKENS, left),
        now=clock.now(),
    )


def _pause(job: Running) -> Callable[[float], None]:
    """Waits between two attempts; the wait ends when the run is cancelled."""

    def wait(seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            try:
                job.progress(message="Waiting for the provider.")
            except LeaseLost as lost:
                raise Interrupted("The run was cancelled.") from lost
            time.sleep(min(left, 2.0))

    return wait
