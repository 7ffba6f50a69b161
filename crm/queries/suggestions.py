"""Names that occur in a workspace, for forms to offer."""

from core.actor import Actor
from crm.models import Contact, Rollup

OFFERED = 50
_LOOKED_AT = 300


def event_names(actor: Actor) -> list[str]:
    """Names of events, those counted so far."""
    rows = Rollup.objects.visible_to(actor).order_by("event").values_list("event", flat=True)
    return list(rows.distinct()[:OFFERED])


def custom_properties(actor: Actor) -> list[str]:
    """Keys of custom properties of the newest contacts, by name."""
    rows = Contact.objects.visible_to(actor).present().order_by("-created_at")
    found = {key for held in rows.values_list("properties", flat=True)[:_LOOKED_AT] for key in held}
    return sorted(found)[:OFFERED]
