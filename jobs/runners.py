"""What each kind of job does: the apps above register their runners when the project starts.

    def run(job: Running) -> Outcome:
        for number, contact_id in enumerate(todo(job)):
            with unit():
                job.hold()  # or Lost: somebody cancelled it, or another worker has it
                ...
            job.progress(done=number + 1, message="Reading contacts.")
        return Done({"proposed": 3})

    runners.register("agents.run", run, title="Agent run")

A runner may be called again for the same job, after a crash or when it said Later: it finds out
from its own rows what is done already.
"""

from collections.abc import Callable
from dataclasses import dataclass

from core.actor import Actor
from jobs.job_context import Outcome, Running

Run = Callable[[Running], Outcome]


@dataclass(frozen=True, slots=True)
class Ask:
    """What an open job wants of a person, in a sentence of ours.

    `key` names this ask and never another of the same job. What the person may type goes to
    `operation`, as `fields` of its arguments beside `job_id`; `url` is the page where it can be
    done instead. A secret has a page only.
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
    """A kind of job: what does it, what people call it, and whether its rows stay: those that
    something of the app's own hangs on. `asks` says what one of its jobs wants of this actor now.
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
    """What people call this kind; the kind itself when nobody registered it any more."""
    return _registry[kind].title if kind in _registry else kind


def ask_of(actor: Actor, kind: str, job_id: str) -> Ask | None:
    """What this open job, which the actor sees, wants of a person now; None where nothing."""
    return _registry[kind].asks(actor, job_id) if kind in _registry else None


def kinds_that_stay() -> list[str]:
    """The kinds whose ended jobs are not cleaned up."""
    return [runner.kind for runner in _registry.values() if runner.stays]
