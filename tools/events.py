from tools.base import Tool

TOOLS = (
    Tool(
        name="list_events",
        title="List events",
        description="""
            Find events (page views, forms, opened e-mails) by name, contact, company, page or
            time, newest first, in pages of up to 100. Bots are left out unless asked for. To count
            by something, use aggregate_data; for many contacts, batch_get_activity.
        """,
        operation="crm.event.list",
        examples=(
            {"event_type": "page_view", "url_contains": "/pricing", "date_after": "2026-11-20"},
            {"contact_id": "ct_01jd0000000000000000000000", "fields": "summary"},
            {"identified_only": True, "date_before": "2026-11-20T18:00:00Z", "count_only": True},
        ),
    ),
    Tool(
        name="get_event",
        title="Get an event",
        description="""
            One event with everything recorded: page, referrer, campaign, device and its own data.
        """,
        operation="crm.event.get",
        examples=({"event_id": "evt_01jd0000000000000000000000"},),
    ),
    Tool(
        name="get_event_types",
        title="List event names",
        description="""
            The names of events recorded here, with counts and when each was first and last seen.
            Read it before filtering by event_type.
        """,
        operation="crm.event.types",
        examples=({}, {"date_after": "2026-11-01"}),
    ),
    Tool(
        name="get_event_stats",
        title="Count events over time",
        description="""
            How many events, of how many contacts, companies and visitors, and a series by hour,
            day, week or month in the workspace's time zone. Bots are counted apart.
        """,
        operation="crm.event.stats",
        examples=(
            {"date_after": "2026-11-01", "interval": "week"},
            {"event_type": "form_submit", "company_id": "co_01jd0000000000000000000000"},
        ),
    ),
)
