from tools.base import Tool

TOOLS = (
    Tool(
        name="aggregate_data",
        title="Count by group",
        description="""
            Count contacts, companies or events by one or two fields: the largest groups, the rest
            as one row, and the total. Cheaper than paging through a list. Days and hours are those
            of the workspace's time zone; bots are left out unless grouped or filtered by.
        """,
        operation="crm.aggregate",
        examples=(
            {"entity": "contacts", "group_by": ["lifecycle_stage", "country"]},
            {
                "entity": "events",
                "group_by": ["path"],
                "metric": "unique_contacts",
                "filters": {"event_type": "page_view", "date_after": "2026-11-01"},
                "limit": 10,
            },
            {"entity": "events", "group_by": ["event"], "interval": "day", "sort": "-key"},
        ),
    ),
)
