from tools.base import Tool

TOOLS = (
    Tool(
        name="batch_get_details",
        title="Get many contacts or companies",
        description="""
            Up to 25 contacts or companies with all their properties in one call. Unknown ids are
            left out. For their activity use batch_get_activity.
        """,
        operation="crm.details.batch",
        examples=(
            {"entity_type": "contacts", "ids": ["ct_01jd0000000000000000000000"]},
            {"entity_type": "companies", "ids": ["co_01jd0000000000000000000000"]},
        ),
    ),
    Tool(
        name="batch_get_activity",
        title="Get the activity of many contacts",
        description="""
            The latest events of up to 25 contacts in one call, each with its own limit, and how
            many each has. Unknown ids are left out.
        """,
        operation="crm.activity.batch",
        examples=(
            {"contact_ids": ["ct_01jd0000000000000000000000"], "events_limit": 3},
            {"contact_ids": ["ct_01jd0000000000000000000000"], "date_after": "2026-11-20"},
        ),
    ),
)
