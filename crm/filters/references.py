"""Segments that a filter refers to: they exist, and the references have no cycle."""

from collections.abc import Mapping
from typing import Any

from core.actor import Actor
from core.errors import NotFound, ValidationFailed
from crm.filters.nodes import Node
from crm.filters.parsing import segments_in
from crm.models import Segment


def check(actor: Actor, wanted: Node, segment_id: str | None = None) -> None:
    """Raise NotFound for a segment that is not here, ValidationFailed for one in a circle.

    `segment_id` is the segment that is to have this filter.
    """
    named = segments_in(wanted)
    if not named:
        return
    stored = dict(Segment.objects.visible_to(actor).present().values_list("pk", "filter"))
    missing = next((found for found in named if found not in stored), None)
    if missing is not None:
        raise NotFound("segment")
    if segment_id is None:
        return
    for found, path in named.items():
        if found == segment_id or segment_id in reachable(found, stored):
            raise ValidationFailed(
                "A segment can't be defined by itself, not even through another one.",
                hint="Remove this segment from the filter.",
                field=path,
            )


def reachable(begin: str, stored: Mapping[str, Any]) -> set[str]:
    """Every segment that one refers to, directly or through others."""
    seen: set[str] = set()
    waiting = [begin]
    while waiting:
        for found in referred_to(stored.get(waiting.pop(), {})):
            if found not in seen:
                seen.add(found)
                waiting.append(found)
    return seen


def referred_to(data: Any) -> set[str]:
    """The segments a stored filter names; it may be of an older grammar, so it is not parsed."""
    if isinstance(data, list):
        return {found for part in data for found in referred_to(part)}
    if not isinstance(data, dict):
        return set()
    own = data.get("segment_id")
    inner = {found for part in data.values() for found in referred_to(part)}
    return inner | ({own} if isinstance(own, str) else set())
