"""Runners of each kind of job: the apps above register theirs when the project starts.

    def run(job: Running) -> Outcome:
        for number, contact_id in enumerate(todo(job)):
            with unit():
                job.hold()  # or Lost: it was cancelled, or another worker has it
                ...
            job.progress(done=number + 1, message="Reading contacts.")
        return Done({"proposed": 3})

    runners.register("agents.run", run, title="Agent run")

A runner may be called again for the same job, after a crash or when it returned Later: its own rows
tell it what is already done.
"""

from collections.abc import Callable
from dataclasses import dataclass

from core.actor import Actor
from jobs.job_context import Outcome, Running

Run = Callable[[Running], Outcome]


@dataclass(frozen=True, slots=True)
class Ask:
    """A question of an open job to a person, in our words.

    `key` identifies this question within the job. The person's input goes to `operation`, as
    `fields` of its arguments besides `job_id`; `url` is a page to do it instead. Secrets are
    entered on a page only.
    """

    key: str
    message: str
    operation: str = ""
    fields: tuple[str, ...] = ()
    url: str = ""


Asks = Callable[[Actor, str], Ask | None]


def _asks_nothing(_: Actor, __: str) -> Ask | None:
    return None


@dataclass(frozen=True, slots=True)
class Runner:
    """A kind of job: its runner, its display name, and whether its rows stay because the app's own
    rows refer to them. `asks` returns a job's current question to this actor.
    """

    kind: str
    run: Run
    title: str
    stays: bool = False
    asks: Asks = _asks_nothing


_registry: dict[str, Runner] = {}


def register(
    kind: str, runner: Run, title: str, *, stays: bool = False, asks: Asks = _asks_nothing
) -> None:
    """Called by the app that owns the kind; a kind has one runner."""
    if kind in _registry and _registry[kind].run is not runner:
        raise RuntimeError(f"the job {kind} has two runners")
    _registry[kind] = Runner(kind, runner, title, stays, asks)


def runner_of(kind: str) -> Runner:
    """The runner of this kind; a missing one is a programming error."""
    return _registry[kind]


def title_of(kind: str) -> str:
    """The display name of this kind; the kind itself if it is no longer registered."""
    return _registry[kind].title if kind in _registry else kind


def ask_of(actor: Actor, kind: str, job_id: str) -> Ask | None:
    """The current question of this open job, which the actor can see; None if there is none."""
    return _registry[kind].asks(actor, job_id) if kind in _registry else None


def kinds_that_stay() -> list[str]:
    """The kinds whose ended jobs are not cleaned up."""
    return [runner.kind for runner in _registry.values() if runner.stays]
