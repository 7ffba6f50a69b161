"""The contacts of a run: those its agent watches and has not reviewed recently."""

from datetime import timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from agents.models import Agent, Target
from agents.models.target import DONE
from agents.queries.agents import watched
from core import clock
from core.actor import Actor
from core.errors import NotFound, ValidationFailed
from crm.models import Contact, Event


def due_contacts(actor: Actor, agent: Agent, most: int) -> list[str]:
    """Ids of the contacts to review now, those with the latest events first; at most `most`."""
    if not agent.filter:
        return []
    since = clock.now() - timedelta(hours=agent.cooldown_hours)
    looked_at = Target.objects.filter(
        workspace=OuterRef("workspace"),
        contact=OuterRef("pk"),
        run__agent=agent.pk,
        run__rehearsal=False,
        state=DONE,
        ended_at__gt=since,
    )
    rows = watched(actor, agent)
    if agent.cooldown_hours:
        rows = rows.filter(~Exists(looked_at))
    return _latest_first(actor, rows, most)


def existing_contacts(actor: Actor, contact_ids: list[str]) -> list[str]:
    """The given ids, each once; raises NotFound if one is not a contact of the workspace."""
    wanted = list(dict.fromkeys(contact_ids))
    rows = Contact.objects.visible_to(actor).present().filter(pk__in=wanted)
    found = {str(pk) for pk in rows.values_list("pk", flat=True)}
    if len(found) != len(wanted):
        raise NotFound("contact")
    return wanted


def contacts_by_email(actor: Actor, addresses: list[str]) -> list[str]:
    """Ids of the contacts with these e-mail addresses, in the given order, each once; raises
    ValidationFailed for an unknown address.
    """
    wanted = list(dict.fromkeys(address.lower() for address in addresses))
    rows = Contact.objects.visible_to(actor).present().filter(email__in=wanted)
    found = {email: str(pk) for pk, email in rows.values_list("pk", "email")}
    missing = len(wanted) - len(found)
    if missing:
        raise ValidationFailed(
            f"{missing} of the {len(wanted)} addresses match no contact in this workspace.",
            field="addresses",
        )
    return [found[address] for address in wanted]


def _latest_first(actor: Actor, rows: QuerySet[Any], most: int) -> list[str]:
    own = Event.objects.filter(workspace=actor.workspace_id, contact=OuterRef("pk"))
    last = Subquery(own.order_by("-timestamp").values("timestamp")[:1])
    newest = F("last_event").desc(nulls_last=True)
    ordered = rows.annotate(last_event=last).order_by(newest, "-created_at", "-id")
    return [str(pk) for pk in ordered.values_list("pk", flat=True)[:most]]
