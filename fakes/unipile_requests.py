"""What requests to Unipile's API hold, as JSON Schemas; fakes/unipile.py has the sources."""

_PROVIDER = {"const": "LINKEDIN"}
_TEXT = {"type": "string", "minLength": 1}
LOGIN = {
    "type": "object",
    "additionalProperties": False,
    "required": ["provider", "username", "password"],
    "properties": {
        "provider": _PROVIDER,
        "username": _TEXT,
        "password": _TEXT,
        "country": {"type": "string", "pattern": "^[A-Z]{2}$"},
    },
}
SOLUTION = {
    "type": "object",
    "additionalProperties": False,
    "required": ["provider", "account_id", "code"],
    "properties": {"provider": _PROVIDER, "account_id": _TEXT, "code": _TEXT},
}
RESEND = {
    "type": "object",
    "additionalProperties": False,
    "required": ["provider", "account_id"],
    "properties": {"provider": _PROVIDER, "account_id": _TEXT},
}
_MOMENT = r"^[1-2]\d{3}-[0-1]\d-[0-3]\dT\d{2}:\d{2}:\d{2}\.\d{3}Z$"
_URL = {"type": "string", "pattern": "^https?://"}
_LINK = {
    "api_url": _URL,
    "expiresOn": {"type": "string", "pattern": _MOMENT},
    "name": _TEXT,
    "notify_url": _URL,
    "success_redirect_url": _URL,
    "failure_redirect_url": _URL,
}
LINK = {
    "oneOf": [
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["type", "api_url", "expiresOn", whose],
            "properties": {**_LINK, "type": {"const": kind}, whose: schema},
        }
        for kind, whose, schema in (
            ("create", "providers", {"type": "array", "items": _PROVIDER, "minItems": 1}),
            ("reconnect", "reconnect_account", _TEXT),
        )
    ]
}
INVITE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["provider_id", "account_id"],
    "properties": {
        "provider_id": {"type": "string", "pattern": "^ACoAA"},
        "account_id": {"type": "string", "minLength": 1},
        "message": {"type": "string", "maxLength": 300},
    },
}
CHAT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["account_id", "attendees_ids", "text"],
    "properties": {
        "account_id": {"type": "string", "minLength": 1},
        "attendees_ids": {"type": "string", "pattern": "^ACoAA"},
        "text": {"type": "string", "minLength": 1, "maxLength": 8000},
    },
}
