"""Agents: the list, one agent's page, and its buttons."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import Request
from agents.forms import PeopleForm
from agents.queries import pages, targeting
from agents.schemas.runs import Started
from agents.services import allowed_providers
from agents.services.agents import delete_agent, duplicate_agent, update_agent
from agents.services.triggering import rehearse_agent, trigger_agent
from agents.views.answers import refuse, show_result
from core.access import Role
from core.actor import Actor
from core.errors import AppError, Conflict, ValidationFailed
from core.operations import Operation
from core.pagination import PageArguments
from core.schemas import validated

_UNTRIED = "Try it on three contacts first, or enable it without a trial."


@never_cache
@require_GET
def agents(request: Request) -> HttpResponse:
    """Every agent, and which providers of models they may use."""
    actor = request.actor
    context = {
        "rows": pages.agent_rows(actor),
        "offers": allowed_providers.offers(actor),
        "is_admin": actor.has_role(Role.ADMIN),
    }
    return render(request, "agents/list.html", context)


@never_cache
@require_GET
def agent(request: Request, agent_id: str) -> HttpResponse:
    """One agent; `?page=` turns the pages of its runs."""
    return _page(request, agent_id)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: Request, agent_id: str) -> HttpResponse:
    """GET asks; POST deletes it."""
    actor = request.actor
    found = pages.detail(actor, agent_id)
    allowed = delete_agent.authorise(actor)
    if request.method == "POST":
        allowed.answer({"agent_id": agent_id})
        messages.success(request, "Agent deleted. Its proposals stay in the queue.")
        return redirect("agents")
    return render(request, "agents/delete.html", {"agent": found})


@require_POST
def duplicate(request: Request, agent_id: str) -> HttpResponse:
    """Copy it, and go to the copy."""
    try:
        made = duplicate_agent.submit(request.actor, {"agent_id": agent_id})
    except Conflict as refusal:
        refuse(request, refusal)
        return redirect("agent", agent_id)
    messages.success(request, "Agent duplicated. The copy is disabled.")
    return redirect("agent", made.resource.agent.agent_id)


@require_POST
def switch(request: Request, agent_id: str) -> HttpResponse:
    """Switch it on or off; on only after a trial, or after confirming to skip it."""
    actor = request.actor
    is_on = request.POST.get("on") == "yes"
    trial = pages.trial_of(actor, agent_id)
    if is_on and not (trial and trial.counts) and request.POST.get("untried") != "yes":
        messages.warning(request, _UNTRIED)
        return redirect("agent", agent_id)
    try:
        answer = update_agent.submit(actor, {"agent_id": agent_id, "enabled": is_on})
    except (Conflict, ValidationFailed) as refusal:
        refuse(request, refusal)
    else:
        show_result(request, answer, "Agent enabled." if is_on else "Agent disabled.")
    return redirect("agent", agent_id)


@never_cache
@require_POST
def rehearse(request: Request, agent_id: str) -> HttpResponse:
    """Try it on up to three contacts, and show the run."""
    return _started(request, agent_id, rehearse_agent)


@never_cache
@require_POST
def trigger(request: Request, agent_id: str) -> HttpResponse:
    """Start a run, and show it."""
    return _started(request, agent_id, trigger_agent)


def _started(request: Request, agent_id: str, start: Operation[Any, Started]) -> HttpResponse:
    actor = request.actor
    form = PeopleForm(request.POST)
    if not form.is_valid():
        return _page(request, agent_id, people=form, status=400)
    try:
        chosen = _chosen(actor, form.cleaned_data["addresses"])
        started = start.submit(actor, {"agent_id": agent_id, **chosen})
    except (Conflict, ValidationFailed) as refusal:
        _say(form, refusal)
        return _page(request, agent_id, people=form, status=refusal.http_status)
    return redirect("agent_run", started.run_id)


def _chosen(actor: Actor, addresses: list[str]) -> dict[str, Any]:
    return {"contact_ids": targeting.contacts_by_email(actor, addresses)} if addresses else {}


def _say(form: PeopleForm, refusal: AppError) -> None:
    field = "addresses" if refusal.field in {"addresses", "contact_ids"} else None
    form.add_error(field, f"{refusal.message_beside} {refusal.hint}".strip())


def _page(
    request: Request, agent_id: str, *, people: PeopleForm | None = None, status: int = 200
) -> HttpResponse:
    actor = request.actor
    page = {"page": request.GET.get("page", "1"), "limit": pages.RUNS_SHOWN}
    context = {
        "shown": pages.agent_page(actor, agent_id, validated(PageArguments, page)),
        "people": people or PeopleForm(),
        "may_run": actor.has_role(Role.MEMBER),
        "is_admin": actor.has_role(Role.ADMIN),
    }
    return render(request, "agents/agent.html", context, status=status)
