"""Resend's API: e-mails with their idempotency key, contacts, segments, broadcasts.

Transcribed on 2026-11-25 from
https://resend.com/docs/api-reference/emails/send-email,
https://resend.com/docs/api-reference/contacts/create-contact and /list-contacts,
https://resend.com/docs/api-reference/broadcasts/create-broadcast,
https://resend.com/docs/api-reference/errors and
https://resend.com/docs/dashboard/emails/idempotency-keys (POST /emails and /emails/batch only, up
to 256 characters, kept 24 hours; the same key with another body is a 409).
"""

import hashlib
import itertools
import re
import threading
import time
import uuid

from fakes.base import Answer, Call, FakeServer, Refuse, bearer, problem, serve

TOKEN = "re_fake_key"  # noqa: S105 - of a server that stands for Resend
KEY_SECONDS = 86_400
SEGMENT = "78261eea-8f8b-4381-83c6-79fa7120f1cf"
PEOPLE = 120

_ADDRESSES = {
    "oneOf": [
        {"type": "string", "minLength": 3},
        {"type": "array", "items": {"type": "string", "minLength": 3}, "maxItems": 50},
    ]
}
EMAIL = {
    "type": "object",
    "additionalProperties": False,
    "required": ["from", "to", "subject"],
    "anyOf": [{"required": ["html"]}, {"required": ["text"]}],
    "properties": {
        "from": {"type": "string", "minLength": 3},
        "to": _ADDRESSES,
        "cc": _ADDRESSES,
        "bcc": _ADDRESSES,
        "reply_to": _ADDRESSES,
        "subject": {"type": "string", "minLength": 1},
        "html": {"type": "string"},
        "text": {"type": "string"},
        "tags": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name", "value"],
                "properties": {
                    "name": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,256}$"},
                    "value": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,256}$"},
                },
            },
        },
    },
}
CONTACT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["email"],
    "properties": {
        "email": {"type": "string", "pattern": "^[^@\\s]+@[^@\\s]+$"},
        "first_name": {"type": "string"},
        "last_name": {"type": "string"},
        "unsubscribed": {"type": "boolean"},
        "segments": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["id"],
                "properties": {"id": {"type": "string"}},
            },
        },
    },
}
BROADCAST = {
    "type": "object",
    "additionalProperties": False,
    "required": ["segment_id", "from", "subject"],
    "anyOf": [{"required": ["html"]}, {"required": ["text"]}],
    "properties": {
        "segment_id": {"type": "string"},
        "from": {"type": "string", "minLength": 3},
        "reply_to": _ADDRESSES,
        "subject": {"type": "string", "minLength": 1},
        "html": {"type": "string"},
        "text": {"type": "string"},
        "name": {"type": "string"},
        "send": {"type": "boolean"},
    },
}


class Resend(FakeServer):
    """One team with one segment of 120 people."""

    def __init__(self, token: str) -> None:
        super().__init__(token)
        self._lock = threading.Lock()
        self._answers: dict[str, tuple[float, str, Answer]] = {}
        self._people = itertools.count(PEOPLE)
        self._segment = [f"person{number}@list.example" for number in range(PEOPLE)]
        self.route("POST", "/emails", self._send)
        self.route("POST", "/contacts", self._create_contact)
        self.route("GET", "/contacts", self._list_contacts)
        self.route("GET", f"/segments/({SEGMENT})/contacts", self._list_contacts)
        self.route("GET", "/domains", self._domains)
        self.route("GET", f"/segments/({SEGMENT})", self._show_segment)
        self.route("POST", "/broadcasts", self._broadcast)

    def authorise(self, call: Call) -> None:
        """A bearer token."""
        token = bearer(call)
        if not token:
            raise Refuse(_no(401, "missing_api_key", "Missing API key in the authorization header"))
        if token != self.token:
            raise Refuse(_no(403, "invalid_api_key", "API key is invalid"))

    def unknown_route(self, call: Call) -> Answer:
        """Resend's answer to a path it does not have."""
        return _no(404, "not_found", "The requested endpoint does not exist")

    def rate_limited(self, retry_after: int | None) -> Answer:
        """HTTP 429, with the headers Resend documents."""
        headers = {} if retry_after is None else {"retry-after": str(retry_after)}
        message = "Too many requests. Please limit the number of requests per second."
        answer = _no(429, "rate_limit_exceeded", message)
        return Answer(429, answer.body, {**headers, "ratelimit-limit": "5"})

    def broken(self, status: int) -> Answer:
        """An unexpected error."""
        return _no(status, "application_error", "An unexpected error occurred")

    def _send(self, call: Call, _: re.Match[str]) -> Answer:
        key = call.headers.get("idempotency-key", "")
        if len(key) > 256:
            return _no(400, "invalid_idempotency_key", "The key must be between 1-256 chars")
        digest = hashlib.sha256(call.body).hexdigest()
        with self._lock:
            kept = self._answers.get(key) if key else None
            if kept and time.monotonic() - kept[0] < KEY_SECONDS:
                return _again(kept[1], digest, kept[2])
            answer = self._sent(call)
            if key and answer.status == 200:
                self._answers[key] = (time.monotonic(), digest, answer)
            return answer

    def _sent(self, call: Call) -> Answer:
        wrong = problem(EMAIL, call.json)
        if wrong:
            return _no(422, "validation_error", wrong)
        sent = str(uuid.uuid4())
        return Answer(200, {"id": sent}, effect={"sent": sent, "to": call.json["to"]})

    def _create_contact(self, call: Call, _: re.Match[str]) -> Answer:
        wrong = problem(CONTACT, call.json)
        if wrong:
            return _no(422, "validation_error", wrong)
        made = str(uuid.uuid4())
        in_segment = any(row["id"] == SEGMENT for row in call.json.get("segments", []))
        with self._lock:
            if in_segment and call.json["email"] not in self._segment:
                self._segment.append(call.json["email"])
        answer = {"object": "contact", "id": made}
        return Answer(201, answer, effect={"contact": made, "email": call.json["email"]})

    def _list_contacts(self, call: Call, _: re.Match[str]) -> Answer:
        if call.query.get("segment_id") not in {SEGMENT, None}:
            return _no(404, "not_found", "Segment not found")
        limit = min(int(call.query.get("limit", 20)), 100)
        start = int(call.query.get("after", "c_-1").removeprefix("c_")) + 1
        page = self._segment[start : start + limit]
        rows = [
            {"id": f"c_{start + index}", "email": email, "unsubscribed": False}
            for index, email in enumerate(page)
        ]
        more = start + limit < len(self._segment)
        return Answer(200, {"object": "list", "has_more": more, "data": rows})

    def _show_segment(self, _call: Call, match: re.Match[str]) -> Answer:
        return Answer(200, {"object": "segment", "id": match[1], "name": "Newsletter"})

    def _domains(self, _call: Call, _: re.Match[str]) -> Answer:
        domain = {"id": str(uuid.uuid4()), "name": "acme.test", "status": "verified"}
        return Answer(200, {"object": "list", "has_more": False, "data": [domain]})

    def _broadcast(self, call: Call, _: re.Match[str]) -> Answer:
        wrong = problem(BROADCAST, call.json)
        if wrong:
            return _no(422, "validation_error", wrong)
        if call.json["segment_id"] != SEGMENT:
            return _no(404, "not_found", "Segment not found")
        made = str(uuid.uuid4())
        effect = {"broadcast": made, "sent": bool(call.json.get("send"))}
        return Answer(201, {"object": "broadcast", "id": made}, effect=effect)


def _again(digest: str, given: str, answer: Answer) -> Answer:
    if digest != given:
        message = "Same idempotency key used with a different request payload."
        return _no(409, "invalid_idempotent_request", message)
    return Answer(answer.status, answer.body, replayed=True)


def _no(status: int, name: str, message: str) -> Answer:
    return Answer(status, {"statusCode": status, "name": name, "message": message})


if __name__ == "__main__":
    serve(Resend, "resend", TOKEN)
