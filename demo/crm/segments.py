"""Segments a team of this kind would keep; the filters hold whatever the day."""

from typing import Any

from accounts.models import Workspace
from core.actor import Actor
from core.db import unit
from crm.membership import recompute
from crm.models import Segment
from crm.schemas.segments import CreateSegment
from crm.services.segments import create_segment

_PRICING = {
    "event": "page_view",
    "where": [{"field": "path", "op": "eq", "value": "/pricing"}],
}
_OPEN = {"field": "lifecyclestage", "op": "in", "value": ["lead", "mql", "sql", "opportunity"]}

_BY_PLACE: dict[str, tuple[tuple[str, str, dict[str, Any]], ...]] = {
    "acme": (
        (
            "Pricing this week",
            "Looked at prices in the last 7 days and is no customer yet",
            {"all": [_OPEN, {**_PRICING, "within_days": 7}]},
        ),
        (
            "Pricing twice, nobody wrote",
            "At least two looks at prices in 30 days, and no letter of ours in 14",
            {
                "all": [
                    _OPEN,
                    {**_PRICING, "count": {"op": "gte", "value": 2}, "within_days": 30},
                    {"not_contacted_days": 14},
                ]
            },
        ),
        (
            "Larger companies in DACH",
            "200 people and more, in Germany, Austria or Switzerland",
            {
                "all": [
                    {"field": "company.employee_count", "op": "gte", "value": 200},
                    {
                        "field": "company.country",
                        "op": "in",
                        "value": ["Germany", "Austria", "Switzerland"],
                    },
                ]
            },
        ),
        (
            "Quiet customers",
            "Customers without a visit in 30 days",
            {
                "all": [
                    {"field": "lifecyclestage", "op": "eq", "value": "customer"},
                    {
                        "event": "page_view",
                        "count": {"op": "eq", "value": 0},
                        "within_days": 30,
                    },
                ]
            },
        ),
        (
            "May be written to",
            "Said yes to e-mail and is no customer",
            {
                "all": [
                    {"field": "email_consent", "op": "eq", "value": True},
                    {"not": {"field": "lifecyclestage", "op": "eq", "value": "customer"}},
                ]
            },
        ),
    ),
    "globex": (("Customers", "", {"field": "lifecyclestage", "op": "eq", "value": "customer"}),),
}


def segments(place: Workspace) -> int:
    """Make those that are missing and bring all up to date; returns how many were made."""
    actor = Actor.for_job("demo", str(place.pk))
    # One that somebody deleted stays deleted.
    known = set(Segment.objects.filter(workspace=place).values_list("name", flat=True))
    wanted = [one for one in _BY_PLACE.get(place.slug, ()) if one[0] not in known]
    for name, description, data in wanted:
        with unit():
            create_segment(actor, CreateSegment(name=name, description=description, filter=data))
    recompute.refresh(actor)
    return len(wanted)
