"""Segments: their list, who is in one, and the builder, which works without JavaScript."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import actors
from core import operations, strict_json
from core.access import Role
from core.actor import Actor
from core.errors import AppError, Conflict, NotFound, ValidationFailed
from crm import filters, forms
from crm.filters import fields, wording
from crm.forms import Builder
from crm.queries import memberships, seen

PAGE = 50
_WHERE_OPS = fields.OPS_OF["text"]


@require_GET
def segments(request: HttpRequest) -> HttpResponse:
    """The list, by name."""
    actor = actors.for_session(request)
    asked = {"page": request.GET.get("page", "1"), "limit": PAGE}
    answer = _ask(actor, "list", asked)
    rows = [{**row, "words": _words(actor, row["filter"])} for row in answer["segments"]]
    context = {
        "segments": rows,
        "pagination": answer["pagination"],
        "may_edit": actor.has_role(Role.REVIEWER),
    }
    return render(request, "segments/list.html", context)


@require_GET
def segment(request: HttpRequest, segment_id: str) -> HttpResponse:
    """One segment with a page of its members."""
    actor = actors.for_session(request)
    found = _ask(actor, "get", {"segment_id": segment_id})["segment"]
    page = {"segment_id": segment_id, "page": request.GET.get("page", "1"), "limit": PAGE}
    context = {
        "segment": found,
        "words": _words(actor, found["filter"]),
        "members": _ask(actor, "members", page | {"fields": "summary"}),
        "may_edit": actor.has_role(Role.REVIEWER),
        "may_delete": actor.has_role(Role.ADMIN),
    }
    return render(request, "segments/members.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The builder of a new segment."""
    actor = actors.for_session(request)
    if request.method != "POST":
        builder = Builder()
        forms.change(builder, "add-group")
        return _form(request, actor, builder)
    return _sent(request, actor, "")


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, segment_id: str) -> HttpResponse:
    """The builder of a segment that is there."""
    actor = actors.for_session(request)
    found = _ask(actor, "get", {"segment_id": segment_id})["segment"]
    if request.method == "POST":
        return _sent(request, actor, segment_id)
    return _form(request, actor, _stored(found), segment_id)


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """Who would be in it now, as a part of the page."""
    actor = actors.for_session(request)
    builder = forms.read(_given(request))
    context = _previewed(actor, builder, request.POST.get("segment_id", ""))
    return render(request, "segments/preview.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, segment_id: str) -> HttpResponse:
    """GET asks; POST hides the segment."""
    actor = actors.for_session(request)
    found = _ask(actor, "get", {"segment_id": segment_id})["segment"]
    problem = None
    if request.method == "POST":
        try:
            _ask(actor, "delete", {"segment_id": segment_id})
        except Conflict as refusal:
            problem = refusal
        else:
            messages.success(
                request, "The segment is deleted. An admin can restore it for 30 days."
            )
            return redirect("segments")
    status = problem.http_status if problem else 200
    context = {"segment": found, "problem": problem}
    return render(request, "segments/delete.html", context, status=status)


def _sent(request: HttpRequest, actor: Actor, segment_id: str) -> HttpResponse:
    builder, do = forms.read(_given(request)), request.POST.get("do", "save")
    if do == "save":
        return _save(request, actor, builder, segment_id)
    problem = None
    try:
        _turn(builder, do)
    except ValidationFailed as refusal:
        problem = refusal
    return _form(request, actor, builder, segment_id, problem=problem, focus=_focus(builder, do))


def _turn(builder: Builder, do: str) -> None:
    """Carry out a button of the form; raises ValidationFailed for JSON no form can show."""
    if do == "text":
        builder.text, builder.is_text = builder.as_text(), True
    elif do == "rows":
        shown = forms.of_filter(filters.parse(_data(builder)))
        if shown is None:
            raise ValidationFailed(
                "This filter goes deeper than the form.", hint="Go on editing it as JSON."
            )
        builder.blocks, builder.match, builder.is_text = shown.blocks, shown.match, False
    else:
        forms.change(builder, do)


def _save(request: HttpRequest, actor: Actor, builder: Builder, segment_id: str) -> HttpResponse:
    given = {"name": builder.name, "description": builder.description}
    same = {"segment_id": segment_id} if segment_id else {}
    try:
        data = given | same | {"filter": _data(builder)}
        answer = _ask(actor, "update" if segment_id else "create", data)
    except (ValidationFailed, Conflict, NotFound) as refusal:
        return _form(
            request, actor, builder, segment_id, problem=refusal, status=refusal.http_status
        )
    messages.success(request, "The segment is saved.")
    return redirect("segment", answer["result"]["segment"]["segment_id"])


def _form(  # noqa: PLR0913 - what a form shows
    request: HttpRequest,
    actor: Actor,
    builder: Builder,
    segment_id: str = "",
    *,
    problem: AppError | None = None,
    status: int = 200,
    focus: str = "",
) -> HttpResponse:
    place = _place(builder, problem)
    if place is not None and problem is not None:
        place.error = _said(problem)
    here = reverse("edit_segment", args=[segment_id]) if segment_id else reverse("new_segment")
    context = {
        "builder": builder,
        "segment_id": segment_id,
        "here": here,
        "problem": None if place else problem,
        "focus": focus,
        "may_edit": actor.has_role(Role.REVIEWER),
        **_choices(actor, segment_id),
        **_previewed(actor, builder, segment_id),
    }
    return render(request, "segments/edit.html", context, status=status)


def _choices(actor: Actor, segment_id: str) -> dict[str, Any]:
    known = list(fields.CONTACT_FIELDS.values())
    return {
        "own_fields": [rule for rule in known if not rule.of_company],
        "company_fields": [rule for rule in known if rule.of_company],
        "event_fields": list(fields.EVENT_FIELDS.values()),
        "ops": wording.OP_WORDS.items(),
        "where_ops": [(op, words) for op, words in wording.OP_WORDS.items() if op in _WHERE_OPS],
        "count_ops": wording.COUNT_WORDS.items(),
        "others": [pair for pair in memberships.names(actor).items() if pair[0] != segment_id],
        "event_names": seen.event_names(actor),
        "custom": [f"properties.{key}" for key in seen.custom_properties(actor)],
    }


def _previewed(actor: Actor, builder: Builder, segment_id: str) -> dict[str, Any]:
    same = {"segment_id": segment_id} if segment_id else {}
    try:
        found = _ask(actor, "preview", same | {"filter": _data(builder)})
    except (ValidationFailed, NotFound) as refusal:
        place = _place(builder, refusal)
        words = f"{builder.name_of(place)}: {_said(refusal)}" if place else _said(refusal)
        return {"preview": None, "preview_problem": words}
    return {"preview": found, "preview_problem": ""}


def _place(builder: Builder, problem: AppError | None) -> forms.Row | None:
    path = problem.field if problem else None
    if builder.is_text or path is None or not path.startswith("filter"):
        return None
    return builder.place_of(path)


def _said(refusal: AppError) -> str:
    """The sentence without the path, which stands for a row of the form."""
    words = refusal.message.removeprefix(f"{refusal.field}: ")
    guess = f"Did you mean {refusal.did_you_mean}?" if refusal.did_you_mean else refusal.hint
    return f"{words[:1].upper()}{words[1:]} {guess}".strip()


def _data(builder: Builder) -> Any:
    return strict_json.loads(builder.text) if builder.is_text else builder.data()


def _stored(found: dict[str, Any]) -> Builder:
    """The builder of a stored filter; as JSON where it goes deeper, or is of an older grammar."""
    try:
        builder = forms.of_filter(filters.parse(found["filter"]))
    except ValidationFailed:
        builder = None
    if builder is None:
        builder = Builder(is_text=True, text=forms.text_of(found["filter"]))
    builder.name, builder.description = found["name"], found["description"]
    return builder


def _words(actor: Actor, data: Any) -> str:
    try:
        return wording.words_of(filters.parse(data), memberships.names(actor))
    except ValidationFailed:
        return "This filter can't be read any more; edit it."


def _focus(builder: Builder, do: str) -> str:
    """The row that a button added, for its field to have the focus."""
    verb, *more = do.split(":")
    if verb == "add" and more and more[0].isdecimal():
        number = int(more[0])
        rows = builder.blocks[number].rows if number < len(builder.blocks) else []
        return f"{number}-{len(rows) - 1}" if rows else ""
    return f"{len(builder.blocks) - 1}-0" if verb == "add-group" else ""


def _given(request: HttpRequest) -> dict[str, str]:
    return {name: str(value) for name, value in request.POST.items()}


def _ask(actor: Actor, verb: str, data: dict[str, Any]) -> dict[str, Any]:
    return operations.submit(actor, operations.get(f"crm.segment.{verb}"), data)
