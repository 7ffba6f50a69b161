"""Shared by pages with the filter builder: buttons, choices, preview, errors beside their fields.

Used by the pages of segments and, above, by those of agents.
"""

from typing import Any

from core import strict_json
from core.actor import Actor
from core.errors import AppError, NotFound, ValidationFailed
from crm import filters
from crm.filters import builder_form, fields, wording
from crm.filters.builder_form import Builder
from crm.queries import memberships, suggestions
from crm.queries.segments import preview_segment

_WHERE_OPS = fields.OPS_OF["text"]


def apply_button(builder: Builder, do: str) -> None:
    """Carry out a button of the form; raises ValidationFailed for JSON no form can show."""
    if do == "text":
        builder.text, builder.is_text = builder.as_text(), True
    elif do == "rows":
        shown = builder_form.of_filter(filters.parse(data_of(builder)))
        if shown is None:
            raise ValidationFailed("This filter is too deep for the form.", hint="Edit it as JSON.")
        builder.blocks, builder.match, builder.is_text = shown.blocks, shown.match, False
    else:
        builder_form.apply_button(builder, do)


def data_of(builder: Builder) -> Any:
    """The filter as built or typed; raises ValidationFailed for invalid JSON."""
    return strict_json.loads(builder.text) if builder.is_text else builder.data()


def of_stored(data: Any) -> Builder:
    """The builder of a stored filter; as JSON if it is nested deeper or of an older grammar."""
    try:
        builder = builder_form.of_filter(filters.parse(data))
    except ValidationFailed:
        builder = None
    return builder or Builder(is_text=True, text=builder_form.text_of(data))


def words_of(actor: Actor, data: Any) -> str:
    """A stored filter as people read it."""
    try:
        return wording.words_of(filters.parse(data), memberships.names(actor))
    except ValidationFailed:
        return "This filter is no longer valid; edit it."


def choices(actor: Actor, segment_id: str = "") -> dict[str, Any]:
    """The options of the form's selects; a segment is not offered to itself."""
    known = list(fields.CONTACT_FIELDS.values())
    return {
        "own_fields": [rule for rule in known if not rule.of_company],
        "company_fields": [rule for rule in known if rule.of_company],
        "event_fields": list(fields.EVENT_FIELDS.values()),
        "ops": wording.OP_WORDS.items(),
        "where_ops": [(op, words) for op, words in wording.OP_WORDS.items() if op in _WHERE_OPS],
        "count_ops": wording.COUNT_WORDS.items(),
        "others": [pair for pair in memberships.names(actor).items() if pair[0] != segment_id],
        "event_names": suggestions.event_names(actor),
        "custom": [f"properties.{key}" for key in suggestions.custom_properties(actor)],
    }


def previewed(actor: Actor, builder: Builder, segment_id: str = "") -> dict[str, Any]:
    """The contacts that match now, or the reason for no preview: `preview`, `preview_problem`."""
    same = {"segment_id": segment_id} if segment_id else {}
    try:
        found = preview_segment.submit(actor, same | {"filter": data_of(builder)})
    except (ValidationFailed, NotFound) as refusal:
        place = _place(builder, refusal)
        words = f"{builder.name_of(place)}: {_said(refusal)}" if place else _said(refusal)
        return {"preview": None, "preview_problem": words}
    return {"preview": found, "preview_problem": ""}


def attach_error(builder: Builder, problem: AppError | None) -> builder_form.Row | None:
    """Attach a refusal to its row and return the row; None if it concerns no row.

    The refusal's field is `filter...`, or ends in it: `monitoring.filter...`.
    """
    place = _place(builder, problem)
    if place is not None and problem is not None:
        place.error = _said(problem)
    return place


def focus_of(builder: Builder, do: str) -> str:
    """The row that a button added, for its field to have the focus."""
    verb, *more = do.split(":")
    if verb == "add" and more and more[0].isdecimal():
        number = int(more[0])
        rows = builder.blocks[number].rows if number < len(builder.blocks) else []
        return f"{number}-{len(rows) - 1}" if rows else ""
    return f"{len(builder.blocks) - 1}-0" if verb == "add-group" else ""


def _place(builder: Builder, problem: AppError | None) -> builder_form.Row | None:
    path = (problem.field if problem else None) or ""
    _, found, inside = path.partition("filter")
    return builder.place_of(inside) if found and not builder.is_text else None


def _said(refusal: AppError) -> str:
    """The sentence without the path, which is replaced by the row."""
    words = refusal.message_beside
    guess = f"Did you mean {refusal.did_you_mean}?" if refusal.did_you_mean else refusal.hint
    return f"{words[:1].upper()}{words[1:]} {guess}".strip()
