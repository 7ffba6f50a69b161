"""The form of an agent: new ones from a template or blank; it works without JavaScript."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import Request
from agents.forms import NO_TEMPLATE, AgentForm
from agents.planning.catalog import TEMPLATES
from agents.queries import pages
from agents.services.agents import create_agent, update_agent
from agents.views.answers import show_result
from core.access import Role
from core.actor import Actor
from core.errors import AppError, Conflict, NotFound, ValidationFailed
from crm.filters import builder_form as filter_forms
from crm.filters import builder_views
from crm.filters.builder_form import Builder

_NOBODY = "Nobody automatically: add a condition, or choose contacts each time you start it."


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """Choose a template, then fill in the form: `?template=`, `blank` for none."""
    actor = request.actor
    create_agent.authorise(actor)
    if request.method == "POST":
        return _sent(request, actor, "")
    chosen = request.GET.get("template", "")
    if chosen not in TEMPLATES and chosen != NO_TEMPLATE:
        return render(request, "agents/new.html", {"templates": pages.templates_shown()})
    template = TEMPLATES.get(chosen)
    form = AgentForm.beginning(pages.senders_offered(actor), template)
    return _form(request, actor, form, _builder(template.filter if template else {}))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, agent_id: str) -> HttpResponse:
    """Change an agent: an admin's change applies at once, others wait for approval."""
    actor = request.actor
    found = pages.detail(actor, agent_id)
    update_agent.authorise(actor)
    if request.method == "POST":
        return _sent(request, actor, agent_id)
    form = AgentForm.of(pages.senders_offered(actor), found)
    return _form(request, actor, form, _builder(found.monitoring.filter), agent_id)


@never_cache
@require_POST
def preview(request: Request) -> HttpResponse:
    """The contacts it would watch now, as a part of the page."""
    actor = request.actor
    context = _previewed(actor, filter_forms.parse_form(_given(request)))
    return render(request, "segments/preview.html", context)


def _sent(request: Request, actor: Actor, agent_id: str) -> HttpResponse:
    senders = pages.senders_offered(actor)
    builder, do = filter_forms.parse_form(_given(request)), request.POST.get("do", "save")
    if do == "save":
        form = AgentForm(senders, request.POST)
        if not form.is_valid():
            return _form(request, actor, form, builder, agent_id, status=400)
        return _save(request, actor, form, builder, agent_id)
    problem = None
    try:
        builder_views.apply_button(builder, do)
    except ValidationFailed as refusal:
        problem = refusal
    typed = AgentForm.as_typed(senders, request.POST)
    focus = builder_views.focus_of(builder, do)
    return _form(request, actor, typed, builder, agent_id, problem=problem, focus=focus)


def _save(
    request: Request, actor: Actor, form: AgentForm, builder: Builder, agent_id: str
) -> HttpResponse:
    try:
        given = form.cleaned(_filter(builder))
        if agent_id:
            changed = update_agent.submit(actor, {"agent_id": agent_id, **given})
            show_result(request, changed, "Agent saved.")
            return redirect("agent", agent_id)
        made = create_agent.submit(actor, given)
    except (ValidationFailed, Conflict, NotFound) as refusal:
        return _refused(request, actor, form, builder, agent_id, refusal)
    messages.success(request, "Agent created (disabled). Try it on three contacts.")
    return redirect("agent", made.resource.agent.agent_id)


def _refused(  # noqa: PLR0913 - what a refused form is shown with
    request: Request,
    actor: Actor,
    form: AgentForm,
    builder: Builder,
    agent_id: str,
    refusal: AppError,
) -> HttpResponse:
    about_filter = "filter" in (refusal.field or "")
    if not about_filter:
        form.tell(refusal)
    problem = refusal if about_filter else None
    status = refusal.http_status
    return _form(request, actor, form, builder, agent_id, problem=problem, status=status)


def _form(  # noqa: PLR0913 - what a form shows
    request: Request,
    actor: Actor,
    form: AgentForm,
    builder: Builder,
    agent_id: str = "",
    *,
    problem: AppError | None = None,
    status: int = 200,
    focus: str = "",
) -> HttpResponse:
    place = builder_views.attach_error(builder, problem)
    here = reverse("edit_agent", args=[agent_id]) if agent_id else reverse("new_agent")
    context = {
        "form": form,
        "builder": builder,
        "agent_id": agent_id,
        "here": here,
        "problem": None if place else problem,
        "focus": focus,
        "is_admin": actor.has_role(Role.ADMIN),
        **builder_views.choices(actor),
        **_previewed(actor, builder),
    }
    return render(request, "agents/edit.html", context, status=status)


def _builder(stored: Any) -> Builder:
    """The filter builder of an agent; "all contacts" is JSON, because no row expresses it."""
    if not stored:
        return Builder()
    builder = builder_views.of_stored(stored)
    if not builder.is_text and _filter(builder) == {}:
        builder_views.apply_button(builder, "text")
    return builder


def _filter(builder: Builder) -> Any:
    """The filter in the operations' format: without a condition it matches no contacts, not all."""
    is_empty = not builder.is_text and not any(block.rows for block in builder.blocks)
    return {} if is_empty else builder_views.data_of(builder)


def _previewed(actor: Actor, builder: Builder) -> dict[str, Any]:
    if _matches_nobody(builder):
        return {"preview": None, "preview_problem": _NOBODY}
    return builder_views.previewed(actor, builder)


def _matches_nobody(builder: Builder) -> bool:
    try:
        return not _filter(builder)
    except ValidationFailed:
        return False


def _given(request: Request) -> dict[str, str]:
    return {name: str(value) for name, value in request.POST.items()}
