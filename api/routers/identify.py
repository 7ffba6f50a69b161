from api.route import Route

ROUTES = (
    Route(
        "POST",
        "/identify",
        "crm.contact.identify",
        "Say who a visitor is",
        example={
            "external_id": "user-4711",
            "anonymous_id": "v_9f3c2a",
            "traits": {"email": "ana@umbrella.example", "firstname": "Ana"},
        },
    ),
)
