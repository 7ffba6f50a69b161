"""The page of a run: each contact with objects read, reasoning and proposals."""

from dataclasses import dataclass

from agents.models import Run
from agents.queries.runs import Room, facts_of, run_of, targets_of, targets_out
from agents.schemas.runs import FULL_PAGE, RunOut, TargetOut
from approvals.drafting import evidence
from approvals.drafting.evidence import Evidence
from core.actor import Actor
from core.pagination import PageArguments, Pagination, page_of
from jobs.models import Job

_WHOLE = Room(read=200, text=20_000, reasoning=5_000)


@dataclass(frozen=True, slots=True)
class ContactShown:
    """A contact of a run, and a line for each object read that still exists; `cited` are the ids
    used as evidence by its proposals.
    """

    target: TargetOut
    read: list[Evidence]
    cited: frozenset[str]


@dataclass(frozen=True, slots=True)
class RunPage:
    """A run on its page. `agent_is_gone`: it was deleted and has no page."""

    run: RunOut
    agent_is_gone: bool
    may_cancel: bool
    contacts: list[ContactShown]
    pagination: Pagination


def run_page(actor: Actor, run_id: str, page: int, contact_id: str) -> RunPage:
    """One run with a page of its contacts, or the page with this contact; raises NotFound."""
    run = run_of(actor, run_id)
    rows = targets_of(actor, run).order_by("position")
    chosen = PageArguments(page=_page_with(actor, run, contact_id) or page, limit=FULL_PAGE)
    found, pagination = page_of(rows, chosen)
    shown = targets_out(actor, found, _WHOLE)
    ids = [read.id for target in shown for read in target.read]
    facts = {fact.id: fact for fact in evidence.named(actor, ids)}
    return RunPage(
        run=RunOut(**facts_of(run)),
        agent_is_gone=run.agent.deleted_at is not None,
        may_cancel=Job.objects.visible_to(actor).filter(pk=run.job_id).exists(),
        contacts=[_contact_shown(target, facts) for target in shown],
        pagination=pagination,
    )


def _contact_shown(target: TargetOut, facts: dict[str, Evidence]) -> ContactShown:
    return ContactShown(
        target=target,
        read=[facts[read.id] for read in target.read if read.id in facts],
        cited=frozenset(key for proposal in target.actions for key in proposal.evidence),
    )


def job_of(actor: Actor, run_id: str) -> str:
    """The id of a run's job; raises NotFound."""
    return str(run_of(actor, run_id).job_id)


def _page_with(actor: Actor, run: Run, contact_id: str) -> int | None:
    rows = targets_of(actor, run)
    place = rows.filter(contact=contact_id).values_list("position", flat=True).first()
    if not contact_id or place is None:
        return None
    return rows.filter(position__lt=place).count() // FULL_PAGE + 1
