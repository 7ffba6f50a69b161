"""Who is in a segment, as of its last working out."""

from django.db.models import QuerySet

from core.access import Scope
from core.actor import Actor
from core.errors import InsufficientScope
from crm.models import Contact, Segment, SegmentMember


def present_segment(actor: Actor, segment_id: str) -> Segment:
    """The segment if it exists and is not deleted; raises NotFound."""
    return Segment.objects.visible_to(actor).present().one(segment_id, "segment")


def members_of(actor: Actor, segment: Segment) -> QuerySet[Contact, Contact]:
    """The contacts in a segment that are there still."""
    members = SegmentMember.objects.visible_to(actor).filter(segment=segment)
    return Contact.objects.visible_to(actor).present().filter(pk__in=members.values("contact"))


def in_segment(actor: Actor, segment_id: str) -> QuerySet[Contact, Contact]:
    """The same by id, for lists that filter by it. Raises InsufficientScope or NotFound."""
    if not actor.has_scope(Scope.SEGMENTS_READ):
        raise InsufficientScope((Scope.SEGMENTS_READ,))
    return members_of(actor, present_segment(actor, segment_id))


def names(actor: Actor) -> dict[str, str]:
    """The names of the workspace's segments by id, in their order."""
    rows = Segment.objects.visible_to(actor).present().order_by("name", "id")
    return {str(key): name for key, name in rows.values_list("pk", "name")}
