"""Segments: named groups of contacts, and who is in them."""

from api.route import Route

_SEGMENT = {"segment_id": "seg_01jd0000000000000000000000"}
_FILTER = {
    "all": [
        {"field": "lifecyclestage", "op": "in", "value": ["lead", "mql"]},
        {
            "event": "page_view",
            "where": [{"field": "path", "op": "eq", "value": "/pricing"}],
            "count": {"op": "gte", "value": 2},
            "within_days": 7,
        },
        {"not_contacted_days": 14},
    ]
}

ROUTES = (
    Route("GET", "/segments", "crm.segment.list", "List segments", example={"limit": 10}),
    Route(
        "POST",
        "/segments",
        "crm.segment.create",
        "Create a segment",
        example={"name": "Pricing, not contacted", "filter": _FILTER},
    ),
    Route("GET", "/segments/filter", "crm.filter.describe", "Describe the filter grammar"),
    Route(
        "POST",
        "/segments/preview",
        "crm.segment.preview",
        "Test a filter",
        example={"filter": _FILTER},
    ),
    Route("GET", "/segments/{segment_id}", "crm.segment.get", "Get a segment", example=_SEGMENT),
    Route(
        "PUT",
        "/segments/{segment_id}",
        "crm.segment.update",
        "Change a segment",
        example={**_SEGMENT, "filter": _FILTER},
    ),
    Route(
        "DELETE",
        "/segments/{segment_id}",
        "crm.segment.delete",
        "Delete a segment",
        example=_SEGMENT,
    ),
    Route(
        "GET",
        "/segments/{segment_id}/contacts",
        "crm.segment.members",
        "List a segment's contacts",
        example={**_SEGMENT, "fields": "summary"},
    ),
)
