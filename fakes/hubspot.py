"""HubSpot's CRM API, as far as one contact or company is pushed or pulled.

Transcribed on 2026-11-25 from
https://developers.hubspot.com/docs/api-reference/legacy/crm/objects/contacts/batch/upsert-contacts,
.../contacts/basic/get-contact, .../companies/search/search-companies, .../companies/basic/*,
https://developers.hubspot.com/docs/api-reference/error-handling and
https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines (limits).
"""

import itertools
import re
import threading
import uuid
from datetime import UTC, datetime
from typing import Any

from fakes.base import Answer, Call, FakeServer, Refuse, bearer, problem, serve

TOKEN = "pat-fake-token"  # noqa: S105 - of a server that stands for HubSpot

CONTACT_PROPERTIES = {
    *("email", "firstname", "lastname", "jobtitle", "phone", "company", "city", "state"),
    *("country", "industry", "lifecyclestage"),
}
COMPANY_PROPERTIES = {
    *("name", "domain", "industry", "city", "country", "numberofemployees", "lifecyclestage"),
}
_PROPERTIES = {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}}
UPSERT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["inputs"],
    "properties": {
        "inputs": {
            "type": "array",
            "minItems": 1,
            "maxItems": 100,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["id", "idProperty", "properties"],
                "properties": {
                    "id": {"type": "string", "minLength": 1},
                    "idProperty": {"const": "email"},
                    "properties": _PROPERTIES,
                },
            },
        }
    },
}
WRITE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["properties"],
    "properties": {"properties": _PROPERTIES},
}
SEARCH = {
    "type": "object",
    "additionalProperties": False,
    "required": ["filterGroups"],
    "properties": {
        "filterGroups": {
            "type": "array",
            "minItems": 1,
            "maxItems": 5,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["filters"],
                "properties": {
                    "filters": {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 6,
                        "items": {
                            "type": "object",
                            "additionalProperties": False,
                            "required": ["propertyName", "operator", "value"],
                            "properties": {
                                "propertyName": {"type": "string"},
                                "operator": {"const": "EQ"},
                                "value": {"type": "string"},
                            },
                        },
                    }
                },
            },
        },
        "properties": {"type": "array", "items": {"type": "string"}},
        "limit": {"type": "integer", "minimum": 1, "maximum": 200},
    },
}
Record = dict[str, Any]


class Hubspot(FakeServer):
    """One account that begins with one contact and one company."""

    def __init__(self, token: str) -> None:
        super().__init__(token)
        self._lock = threading.Lock()
        self._ids = itertools.count(101)
        self._contacts: dict[str, Record] = {}
        self._companies: dict[str, Record] = {}
        self._save(
            self._contacts,
            {"email": "ana@umbrella.example", "jobtitle": "Head of Data", "city": "Lyon"},
        )
        self._save(self._companies, {"domain": "umbrella.example", "industry": "Biotech"})
        contacts, companies = "/crm/v3/objects/contacts", "/crm/v3/objects/companies"
        self.route("GET", "/account-info/v3/details", self._account)
        self.route("POST", f"{contacts}/batch/upsert", self._upsert)
        self.route("GET", f"{contacts}/(.+)", self._contact)
        self.route("POST", f"{companies}/search", self._search)
        self.route("POST", companies, self._create_company)
        self.route("PATCH", f"{companies}/([0-9]+)", self._update_company)

    def authorise(self, call: Call) -> None:
        """A private app's access token."""
        if bearer(call) != self.token:
            message = "Authentication credentials not found or expired."
            raise Refuse(_no(401, "INVALID_AUTHENTICATION", message))

    def rate_limited(self, retry_after: int | None) -> Answer:
        """HTTP 429 with the policy's name; Retry-After only at times."""
        answer = _no(429, "RATE_LIMITS", "You have reached your ten_secondly_rolling limit.")
        body = {**answer.body, "errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING"}
        return Answer(429, body, {} if retry_after is None else {"Retry-After": str(retry_after)})

    def broken(self, status: int) -> Answer:
        """A fault of HubSpot's own."""
        return _no(status, "INTERNAL_ERROR", "internal error")

    def _account(self, _call: Call, _: re.Match[str]) -> Answer:
        return Answer(200, {"portalId": 4242, "accountType": "STANDARD", "timeZone": "UTC"})

    def _upsert(self, call: Call, _: re.Match[str]) -> Answer:
        wrong = problem(UPSERT, call.json) or _unknown(call.json["inputs"], CONTACT_PROPERTIES)
        if wrong:
            return _no(400, "VALIDATION_ERROR", wrong)
        with self._lock:
            results = [self._upserted(given) for given in call.json["inputs"]]
        body = {
            "status": "COMPLETE",
            "results": results,
            "startedAt": _now(),
            "completedAt": _now(),
        }
        effect = {"upserted": [row["id"] for row in results]}
        return Answer(200, body, effect=effect)

    def _upserted(self, given: Record) -> Record:
        values = {**given["properties"], "email": given["id"].lower()}
        found = _by(self._contacts, "email", values["email"])
        if found is None:
            return {**self._save(self._contacts, values), "new": True}
        found["properties"] |= values
        return {**found, "new": False}

    def _contact(self, call: Call, match: re.Match[str]) -> Answer:
        name = call.query.get("idProperty", "")
        found = _by(self._contacts, name, match[1]) if name else self._contacts.get(match[1])
        if found is None:
            return _no(404, "OBJECT_NOT_FOUND", "resource not found")
        wanted = call.query.get("properties", "").split(",")
        values = {key: found["properties"].get(key) for key in wanted if key}
        return Answer(200, {**found, "properties": values})

    def _search(self, call: Call, _: re.Match[str]) -> Answer:
        wrong = problem(SEARCH, call.json)
        if wrong:
            return _no(400, "VALIDATION_ERROR", wrong)
        asked = call.json["filterGroups"][0]["filters"][0]
        found = _by(self._companies, asked["propertyName"], asked["value"])
        rows = [found] if found else []
        return Answer(200, {"total": len(rows), "results": rows})

    def _create_company(self, call: Call, _: re.Match[str]) -> Answer:
        wrong = problem(WRITE, call.json) or _unknown([call.json], COMPANY_PROPERTIES)
        if wrong:
            return _no(400, "VALIDATION_ERROR", wrong)
        with self._lock:
            made = self._save(self._companies, call.json["properties"])
        return Answer(201, made, effect={"created": made["id"]})

    def _update_company(self, call: Call, match: re.Match[str]) -> Answer:
        wrong = problem(WRITE, call.json) or _unknown([call.json], COMPANY_PROPERTIES)
        if wrong:
            return _no(400, "VALIDATION_ERROR", wrong)
        found = self._companies.get(match[1])
        if found is None:
            return _no(404, "OBJECT_NOT_FOUND", "resource not found")
        found["properties"] |= call.json["properties"]
        return Answer(200, found, effect={"updated": match[1]})

    def _save(self, rows: dict[str, Record], values: Record) -> Record:
        pk, moment = str(next(self._ids)), _now()
        times = {"createdAt": moment, "updatedAt": moment, "archived": False}
        rows[pk] = {"id": pk, "properties": dict(values), **times}
        return rows[pk]


def _by(rows: dict[str, Record], name: str, value: str) -> Record | None:
    wanted = value.lower()
    values = rows.values()
    return next((r for r in values if str(r["properties"].get(name, "")).lower() == wanted), None)


def _unknown(given: list[Record], known: set[str]) -> str:
    names = {key for row in given for key in row["properties"]} - known
    return f'Property "{min(names)}" does not exist' if names else ""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _no(status: int, category: str, message: str) -> Answer:
    facts = {"message": message, "correlationId": str(uuid.uuid4()), "category": category}
    return Answer(status, {"status": "error", **facts})


if __name__ == "__main__":
    serve(Hubspot, "hubspot", TOKEN)
