"""Segments a team of this kind would keep; the filters hold whatever the day."""

from accounts.models import Workspace
from core.actor import Actor
from core.db import unit
from crm.membership import recompute
from crm.models import Segment
from crm.schemas.segments import CreateSegment
from crm.services.segments import create_segment
from demo.files import load

SEGMENTS = load("segments", dict[str, tuple[CreateSegment, ...]])


def segments(place: Workspace) -> int:
    """Make those that are missing and bring all up to date; returns how many were made."""
    actor = Actor.for_job("demo", str(place.pk))
    # One that somebody deleted stays deleted.
    known = set(Segment.objects.filter(workspace=place).values_list("name", flat=True))
    wanted = [one for one in SEGMENTS.get(place.slug, ()) if one.name not in known]
    for segment in wanted:
        with unit():
            create_segment.perform(actor, segment)
    recompute.refresh(actor)
    return len(wanted)
