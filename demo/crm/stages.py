"""How people came to the stage of the lifecycle they are in."""

from collections.abc import Iterator
from datetime import datetime

from accounts.models import User, Workspace
from core.ids import new_id_at
from crm.models import Contact, StageChange
from demo.crm.randomness import stream

_WAYS = {
    "mql": ("lead", "mql"),
    "prospect": ("lead", "prospect"),
    "sql": ("lead", "mql", "sql"),
    "opportunity": ("lead", "mql", "sql", "opportunity"),
    "customer": ("opportunity", "customer"),
    "evangelist": ("customer", "evangelist"),
}


def stage_changes(
    seed: str, place: Workspace, contacts: list[Contact], people: list[User], until: datetime
) -> Iterator[StageChange]:
    """The steps of every contact, between when it was met and `until`."""
    for contact in contacts:
        way = _WAYS.get(contact.lifecyclestage, ())
        rng = stream(f"{seed}:stages:{contact.email}")
        room = until - contact.created_at
        moments = sorted(contact.created_at + room * rng.random() for _ in way[1:])
        by = contact.owner or (rng.choice(people) if people else None)
        for before, after, moment in zip(way, way[1:], moments, strict=False):
            yield StageChange(
                id=new_id_at("stg", moment, rng.getrandbits(74)),
                workspace=place,
                contact=contact,
                before=before,
                after=after,
                at=moment,
                by=str(by or "Import"),
            )
