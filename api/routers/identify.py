from api.route import Route

ROUTES = (
    Route(
        "POST",
        "/identify",
        "crm.contact.identify",
        "Identify a visitor",
        example={
            "external_id": "user-4711",
            "anonymous_id": "v_9f3c2a",
            "traits": {"email": "ana@umbrella.example", "firstname": "Ana"},
        },
    ),
)
