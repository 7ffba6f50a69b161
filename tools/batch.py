from tools.base import Tool

TOOLS = (
    Tool(
        name="batch_get_details",
        title="Get many contacts or companies",
        description="""
            Up to 25 contacts or companies with all their properties in one call. Unknown ids are
            left out. What contacts did is in batch_get_activity.
        """,
        operation="crm.details.batch",
        examples=(
            {"entity_type": "contacts", "ids": ["ct_01jd0000000000000000000000"]},
            {"entity_type": "companies", "ids": ["co_01jd0000000000000000000000"]},
        ),
    ),
)
