from tools.base import Tool

TOOLS = (
    Tool(
        name="list_segments",
        title="List segments",
        description="""
            The named groups of contacts people defined here, each with its filter, how many are in
            it and as of when; stale means it is being recalculated.
        """,
        operation="crm.segment.list",
        examples=({}, {"limit": 10}),
    ),
    Tool(
        name="get_segment_members",
        title="List who is in a segment",
        description="""
            The contacts of a segment, newest first, as of as_of. To narrow them further use
            list_contacts with segment_id; to count them by a field, aggregate_data.
        """,
        operation="crm.segment.members",
        examples=(
            {"segment_id": "seg_01jd0000000000000000000000", "fields": "summary", "limit": 50},
        ),
    ),
)
