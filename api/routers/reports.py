from api.route import Route

ROUTES = (
    Route(
        "POST",
        "/batch/details",
        "crm.details.batch",
        "Get many contacts or companies",
        example={"entity_type": "contacts", "ids": ["ct_01jd0000000000000000000000"]},
    ),
    Route(
        "POST",
        "/batch/activity",
        "crm.activity.batch",
        "Get the activity of many contacts",
        example={"contact_ids": ["ct_01jd0000000000000000000000"], "events_limit": 3},
    ),
    Route(
        "POST",
        "/aggregate",
        "crm.aggregate",
        "Count by group",
        example={"entity": "contacts", "group_by": ["lifecycle_stage"]},
    ),
)
