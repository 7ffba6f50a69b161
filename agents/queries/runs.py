"""Reading runs: progress, objects read, proposals and reasons."""

from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from agents import money
from agents.models import Proposed, Run, Target
from agents.models.target import DONE, FAILED
from agents.queries.agents import present_agents
from agents.schemas.runs import (
    FULL_PAGE,
    Counts,
    GetRun,
    ListRuns,
    Progress,
    ProposalOut,
    Read,
    RunAnswer,
    RunDetail,
    RunList,
    RunOut,
    TargetOut,
)
from approvals.models import Action
from core.access import Scope
from core.actor import Actor, ActorKind
from core.answer_size import DEFAULT_ROOM, rows_that_fit, shorten
from core.errors import NotFound
from core.operations import Effect, operation
from core.schemas import plain_name
from jobs.models.job import JobStatus
from jobs.schemas.jobs import NEXT_POLL_SECONDS


@dataclass(frozen=True, slots=True)
class Room:
    """Limits per contact: objects read, characters of a draft and of the reasoning."""

    read: int
    text: int
    reasoning: int


IN_ANSWERS = Room(read=25, text=600, reasoning=400)
_REFUSED = "refused"
_WORDED = (
    *("stage", "subject", "body", "message", "content", "title", "details", "reason", "text"),
)


@operation("agents.run.list", schema=ListRuns, scope=Scope.AGENTS_READ, effect=Effect.READ)
def list_runs(actor: Actor, data: ListRuns) -> RunList:
    """An agent's runs, newest first; raises NotFound."""
    present_agents(actor).one(data.agent_id, "agent")
    rows = all_runs(actor).filter(agent=data.agent_id)
    if data.status is not None:
        rows = rows.filter(job__status=data.status)
    found = rows.order_by("-created_at", "-id")[data.offset : data.offset + data.limit]
    return RunList(
        runs=[RunOut(**facts_of(row)) for row in found],
        total=rows.count(),
        limit=data.limit,
        offset=data.offset,
    )


@operation(
    "agents.run.get",
    schema=GetRun,
    scope=Scope.AGENTS_READ,
    effect=Effect.READ,
    follows=lambda answer: answer["run"]["job_id"],
)
def get_run(actor: Actor, data: GetRun) -> RunAnswer:
    """One run by its id or its job's; in full mode with a page of its contacts."""
    run = run_of(actor, data.run_id)
    facts = facts_of(run)
    if data.mode == "summary":
        return RunAnswer(run=RunDetail(**facts))
    targets = targets_of(actor, run).order_by("position")
    begin = (data.page - 1) * FULL_PAGE
    found = targets_out(actor, list(targets[begin : begin + FULL_PAGE]))
    shown, omitted = rows_that_fit(found, DEFAULT_ROOM)
    total = run.contact_number  # type: ignore[attr-defined] # annotated in all_runs
    return RunAnswer(
        run=RunDetail(
            **facts,
            contacts=shown,
            page=data.page,
            total_pages=-(-total // FULL_PAGE),
            truncated=omitted > 0 or None,
            omitted=omitted or None,
            hint="Use get_action for a full proposal." if omitted else None,
        )
    )


def run_of(actor: Actor, run_id: str) -> Run:
    """The run of this id or of this job; raises NotFound."""
    given = {"job": run_id} if run_id.startswith("job_") else {"pk": run_id}
    found: Run | None = all_runs(actor).filter(**given).first()
    if found is None:
        raise NotFound("run")
    return found


def all_runs(actor: Actor) -> Any:
    """The workspace's runs with their job, agent and numbers."""
    proposals = Proposed.objects.filter(target=OuterRef("pk")).exclude(verdict=_REFUSED)
    targets = Target.objects.filter(run=OuterRef("pk"))
    nothing = targets.filter(~Exists(proposals), state=DONE)
    made = Proposed.objects.filter(target__run=OuterRef("pk")).exclude(verdict=_REFUSED)
    return (
        Run.objects.visible_to(actor)
        .select_related("job", "agent")
        .annotate(
            contact_number=_number(targets),
            failed_number=_number(targets.filter(state=FAILED)),
            nothing_number=_number(nothing),
            proposal_number=_number(made),
        )
    )


def _number(rows: QuerySet[Any]) -> Any:
    counted = rows.order_by().values("workspace").annotate(number=Count("*")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def facts_of(run: Any) -> dict[str, Any]:
    """A run in the format of every surface."""
    job = run.job
    is_open = JobStatus(job.status).is_open
    return {
        "run_id": str(run.pk),
        "id": str(run.pk),
        "job_id": str(run.job_id),
        "agent_id": str(run.agent_id),
        "agent_name": run.agent.name,
        "status": job.status,
        "trigger": _trigger(run),
        "requested_by": run.requested_by_name or None,
        "progress": Progress(done=job.done, total=job.total, message=job.message or None),
        "counts": counts_of(run),
        "input_tokens": run.input_tokens,
        "output_tokens": run.output_tokens,
        "cost_usd": money.dollars(run.micro_usd),
        "summary": run.summary or None,
        "error": job.error,
        "created_at": run.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "next_poll_seconds": NEXT_POLL_SECONDS if is_open else None,
    }


def counts_of(run: Any) -> Counts:
    """The results for a run's contacts so far; needs a run from all_runs."""
    return Counts(
        contacts=run.contact_number,
        proposals=run.proposal_number,
        nothing=run.nothing_number,
        failed=run.failed_number,
    )


def targets_of(actor: Actor, run: Run) -> QuerySet[Target]:
    """The contacts of a run, without deleted ones."""
    rows = Target.objects.visible_to(actor).filter(run=run, contact__deleted_at=None)
    return rows.select_related("contact", "run")


def targets_out(actor: Actor, targets: list[Target], room: Room = IN_ANSWERS) -> list[TargetOut]:
    """Contacts of a run with objects read, reasoning and proposals."""
    proposals: dict[str, list[Proposed]] = {}
    rows = Proposed.objects.visible_to(actor).filter(target__in=targets)
    for row in rows.order_by("target", "position"):
        proposals.setdefault(str(row.target_id), []).append(row)
    ids = [row.action_id for each in proposals.values() for row in each if row.action_id]
    found = Action.objects.visible_to(actor).filter(pk__in=ids)
    actions = {str(action.pk): action for action in found}
    return [_target_out(row, proposals.get(str(row.pk), []), actions, room) for row in targets]


def _target_out(
    target: Target, proposals: list[Proposed], actions: dict[str, Action], room: Room
) -> TargetOut:
    return TargetOut(
        contact_id=str(target.contact_id),
        name=plain_name(str(target.contact)),
        state=target.state,
        read=[
            Read(**{key: row.get(key) for key in ("id", "kind", "at", "source")})
            for row in target.read[: room.read]
        ],
        read_total=len(target.read),
        reasoning=shorten(target.summary, room.reasoning) or None,
        error=target.fault or None,
        actions=[
            _proposal_out(target, row, actions.get(str(row.action_id)), room) for row in proposals
        ],
    )


def _proposal_out(target: Target, row: Proposed, action: Action | None, room: Room) -> ProposalOut:
    return ProposalOut(
        index=row.position,
        intent=row.intent,
        type=row.type,
        status=row.verdict,
        action_id=str(row.action_id) if row.action_id else None,
        action_status=action.status if action else None,
        why=row.why or None,
        text=shorten(_text(row.params), room.text) or None,
        reasoning=shorten(row.reasoning, room.reasoning),
        evidence=row.evidence,
        source=_source(target),
    )


def _text(params: dict[str, Any]) -> str:
    """The text of the draft, by any name its type uses."""
    fields = [f"{name}: {value}" for name, value in (params.get("properties") or {}).items()]
    parts = ["\n".join(fields), *(str(params[name]) for name in _WORDED if params.get(name))]
    return "\n\n".join(part for part in parts if part)


def _source(target: Target) -> Literal["assistant", "external"]:
    has_external = any(row.get("source") == "external" for row in target.read)
    return "external" if has_external else "assistant"


def _trigger(run: Run) -> str:
    if run.rehearsal:
        return "rehearsal"
    if run.requester_kind == ActorKind.JOB:
        return "schedule"
    return "person" if run.requester_kind == ActorKind.PERSON else "app"
