"""Segments: their list, who is in one, and the builder, which works without JavaScript."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import Request
from core.access import Role
from core.actor import Actor
from core.errors import AppError, Conflict, NotFound, ValidationFailed
from crm.filters import builder_form, builder_views
from crm.filters.builder_form import Builder
from crm.queries.segments import (
    get_segment,
    get_segment_members,
    list_deleted_segments,
    list_segments,
)
from crm.schemas.segments import SegmentOut
from crm.services.segments import (
    create_segment,
    delete_segment,
    restore_segment,
    update_segment,
)

PAGE = 50


@require_GET
def segments(request: Request) -> HttpResponse:
    """The list, by name."""
    actor = request.actor
    asked = {"page": request.GET.get("page", "1"), "limit": PAGE}
    answer = list_segments.submit(actor, asked)
    context = {
        "rows": [(row, builder_views.words_of(actor, row.filter)) for row in answer.segments],
        "pagination": answer.pagination,
        "may_edit": actor.has_role(Role.REVIEWER),
        "may_restore": actor.has_role(Role.ADMIN),
    }
    return render(request, "segments/list.html", context)


@require_GET
def deleted(request: Request) -> HttpResponse:
    """Segments an admin can restore, the last deleted first."""
    return _deleted(request)


@require_POST
def restore(request: Request, segment_id: str) -> HttpResponse:
    """Restore a segment; show a refusal for a taken name or an invalid filter."""
    try:
        restore_segment.submit(request.actor, {"segment_id": segment_id})
    except (Conflict, NotFound, ValidationFailed) as refusal:
        return _deleted(request, refusal)
    messages.success(request, "Segment restored.")
    return redirect("segment", segment_id)


@require_GET
def segment(request: Request, segment_id: str) -> HttpResponse:
    """One segment with a page of its members."""
    actor = request.actor
    found = get_segment.submit(actor, {"segment_id": segment_id}).segment
    page = {"segment_id": segment_id, "page": request.GET.get("page", "1"), "limit": PAGE}
    context = {
        "segment": found,
        "words": builder_views.words_of(actor, found.filter),
        "members": get_segment_members.submit(actor, page | {"fields": "summary"}),
        "may_edit": actor.has_role(Role.REVIEWER),
        "may_delete": actor.has_role(Role.ADMIN),
    }
    return render(request, "segments/members.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """The builder of a new segment."""
    actor = request.actor
    if request.method != "POST":
        builder = Builder()
        builder_form.apply_button(builder, "add-group")
        return _form(request, actor, builder)
    return _sent(request, actor, "")


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, segment_id: str) -> HttpResponse:
    """The builder of an existing segment."""
    actor = request.actor
    found = get_segment.submit(actor, {"segment_id": segment_id}).segment
    if request.method == "POST":
        return _sent(request, actor, segment_id)
    return _form(request, actor, _stored(found), segment_id)


@require_POST
def preview(request: Request) -> HttpResponse:
    """Who would be in it now, as a part of the page."""
    actor = request.actor
    builder = builder_form.parse_form(_given(request))
    context = builder_views.previewed(actor, builder, request.POST.get("segment_id", ""))
    return render(request, "segments/preview.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: Request, segment_id: str) -> HttpResponse:
    """GET asks; POST hides the segment."""
    actor = request.actor
    found = get_segment.submit(actor, {"segment_id": segment_id}).segment
    problem = None
    if request.method == "POST":
        try:
            delete_segment.submit(actor, {"segment_id": segment_id})
        except Conflict as refusal:
            problem = refusal
        else:
            messages.success(request, "Segment deleted. It can be restored for 30 days.")
            return redirect("deleted_segments")
    status = problem.http_status if problem else 200
    context = {"segment": found, "problem": problem}
    return render(request, "segments/delete.html", context, status=status)


def _deleted(request: Request, problem: AppError | None = None) -> HttpResponse:
    actor = request.actor
    asked = {"page": request.GET.get("page", "1"), "limit": PAGE}
    found = list_deleted_segments.submit(actor, asked)
    context = {"segments": found.segments, "pagination": found.pagination, "problem": problem}
    status = problem.http_status if problem else 200
    return render(request, "segments/deleted.html", context, status=status)


def _sent(request: Request, actor: Actor, segment_id: str) -> HttpResponse:
    builder, do = builder_form.parse_form(_given(request)), request.POST.get("do", "save")
    if do == "save":
        return _save(request, actor, builder, segment_id)
    problem = None
    try:
        builder_views.apply_button(builder, do)
    except ValidationFailed as refusal:
        problem = refusal
    focus = builder_views.focus_of(builder, do)
    return _form(request, actor, builder, segment_id, problem=problem, focus=focus)


def _save(request: Request, actor: Actor, builder: Builder, segment_id: str) -> HttpResponse:
    given = {"name": builder.name, "description": builder.description}
    try:
        data = given | {"filter": builder_views.data_of(builder)}
        if segment_id:
            update_segment.submit(actor, data | {"segment_id": segment_id})
        else:
            segment_id = create_segment.submit(actor, data).resource.segment.segment_id
    except (ValidationFailed, Conflict, NotFound) as refusal:
        return _form(
            request, actor, builder, segment_id, problem=refusal, status=refusal.http_status
        )
    messages.success(request, "Segment saved.")
    return redirect("segment", segment_id)


def _form(  # noqa: PLR0913 - what a form shows
    request: Request,
    actor: Actor,
    builder: Builder,
    segment_id: str = "",
    *,
    problem: AppError | None = None,
    status: int = 200,
    focus: str = "",
) -> HttpResponse:
    place = builder_views.attach_error(builder, problem)
    here = reverse("edit_segment", args=[segment_id]) if segment_id else reverse("new_segment")
    context = {
        "builder": builder,
        "segment_id": segment_id,
        "here": here,
        "problem": None if place else problem,
        "focus": focus,
        "may_edit": actor.has_role(Role.REVIEWER),
        **builder_views.choices(actor, segment_id),
        **builder_views.previewed(actor, builder, segment_id),
    }
    return render(request, "segments/edit.html", context, status=status)


def _stored(found: SegmentOut) -> Builder:
    builder = builder_views.of_stored(found.filter)
    builder.name, builder.description = found.name, found.description
    return builder


def _given(request: Request) -> dict[str, str]:
    return {name: str(value) for name, value in request.POST.items()}
