from api.route import Route

ROUTES = (
    Route(
        "GET",
        "/events",
        "crm.event.list",
        "List events",
        example={"event_type": "page_view", "limit": 5},
    ),
    Route(
        "POST",
        "/events",
        "crm.event.ingest",
        "Record events",
        example={"events": [{"event": "page_view", "url": "https://acme.example/pricing"}]},
    ),
    Route(
        "GET",
        "/events/types",
        "crm.event.types",
        "List event names",
        example={"date_after": "2026-11-01"},
    ),
    Route(
        "GET",
        "/events/stats",
        "crm.event.stats",
        "Count events over time",
        example={"interval": "week"},
    ),
    Route(
        "GET",
        "/events/{event_id}",
        "crm.event.get",
        "Get an event",
        example={"event_id": "evt_01jd0000000000000000000000"},
    ),
)
