"""HubSpot with a private app's token: push or pull one contact or company.

A contact is upserted by its e-mail, which is idempotent at HubSpot. A company
has no unique property there, so it is looked up by domain first; a retry finds the record of an
earlier attempt. Pulled values are external: they become a proposal, never a change.
"""

import json
from typing import Any
from urllib.parse import quote

from django.conf import settings

from core.actor import Actor
from core.errors import AppError, ValidationFailed
from core.operations import Operation, Proposal, Request
from core.outcomes import Effected, Verdict
from core.schemas import plain_name
from crm.models import Company, Contact
from crm.properties import COMPANY_PROPERTIES, CONTACT_PROPERTIES
from crm.services.companies import update_company
from crm.services.contacts import update_contact
from identities.channels import AnyChannel, channel_of, channel_or_none
from identities.models import Identity, Kind
from identities.providers import calls
from identities.providers.calls import Provider
from identities.providers.contract import Delivery, DeliveryRefused, Receipt, Rendered
from identities.providers.hubspot.schemas import SyncToCrm

HUBSPOT = Provider(
    "HubSpot",
    "category",
    no_access=frozenset({"INVALID_AUTHENTICATION", "EXPIRED_AUTHENTICATION", "MISSING_SCOPES"}),
    later=frozenset({"RATE_LIMITS"}),
)
# Our properties to HubSpot's; stages are left out because HubSpot's differ.
CONTACT_FIELDS = {
    **{key: key for key in ("firstname", "lastname", "jobtitle", "phone", "city", "state")},
    "country": "country",
}
COMPANY_FIELDS = {
    **{key: key for key in ("name", "industry", "city", "country")},
    "employee_count": "numberofemployees",
}
_OBJECTS = "/crm/v3/objects"


class HubspotExecutor:
    """Pushes to HubSpot or pulls from it, for `sync_to_crm`."""

    needs_identity = False
    repeatable = True

    def render(self, actor: Actor, params: SyncToCrm, _: Identity | None) -> Rendered:
        """The values to push, or the properties to pull."""
        channel_of(actor.workspace_id, Kind.HUBSPOT)
        row, key = _row(actor, params)
        fields = CONTACT_FIELDS if params.entity_type == "contact" else COMPANY_FIELDS
        values = {theirs: str(getattr(row, ours) or "") for ours, theirs in fields.items()}
        push = params.direction == "push"
        request = {
            "entity": params.entity_type,
            "key": key,
            "properties": {name: value for name, value in values.items() if value} if push else {},
        }
        message = {
            "target": f"{plain_name(key)} {'to' if push else 'from'} HubSpot",
            "direction": params.direction,
            "entity_id": params.entity_id,
            "text": _as_read(request, params.direction),
            "request": request,
        }
        return Rendered(message, [], str(message["text"]), [])

    def channel(
        self, workspace_id: str, identity: Identity | None, message: dict[str, Any]
    ) -> AnyChannel | None:
        """The workspace's HubSpot."""
        return channel_or_none(workspace_id, Kind.HUBSPOT)

    def deliver(self, delivery: Delivery) -> Receipt:
        """Push or pull."""
        channel = channel_of(delivery.workspace_id, Kind.HUBSPOT)
        api = _Api(calls.token_of(channel))
        message = delivery.message
        if message["direction"] == "pull":
            return _pull(api, delivery)
        is_contact = message["request"]["entity"] == "contact"
        return _push_contact(api, message) if is_contact else _push_company(api, message)


class _Api:
    """Calls with the token."""

    def __init__(self, token: str) -> None:
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def call(
        self, method: str, path: str, body: Any = None, *, reading: bool = False
    ) -> dict[str, Any]:
        """One request below /crm/v3/objects."""
        content = {"content": calls.body_of(body)} if body is not None else {}
        url = f"{settings.HUBSPOT_API_URL}{_OBJECTS}{path}"
        return HUBSPOT.call(method, url, headers=self._headers, reading=reading, **content)


def _push_contact(api: _Api, message: dict[str, Any]) -> Receipt:
    request = message["request"]
    upsert = {"id": request["key"], "idProperty": "email", "properties": request["properties"]}
    answer = api.call("POST", "/contacts/batch/upsert", {"inputs": [upsert]})
    results = answer.get("results")
    if not isinstance(results, list) or not results or not isinstance(results[0], dict):
        raise DeliveryRefused("HubSpot rejected the contact.", "no_result")
    return Receipt(_id(results[0]), "ok", "HubSpot now has the contact's values.")


def _push_company(api: _Api, message: dict[str, Any]) -> Receipt:
    request = message["request"]
    found = _company_there(api, request["key"], [])
    if found is None:
        properties = {**request["properties"], "domain": request["key"]}
        answer = api.call("POST", "/companies", {"properties": properties})
        return Receipt(_id(answer), "created", "Created the company in HubSpot.")
    answer = api.call("PATCH", f"/companies/{_id(found)}", {"properties": request["properties"]})
    return Receipt(_id(answer), "updated", "HubSpot now has the company's values.")


def _pull(api: _Api, delivery: Delivery) -> Receipt:
    message = delivery.message
    request, is_contact = message["request"], message["request"]["entity"] == "contact"
    fields = CONTACT_FIELDS if is_contact else COMPANY_FIELDS
    found = (
        _contact_there(api, request["key"], list(fields.values()))
        if is_contact
        else _company_there(api, request["key"], list(fields.values()))
    )
    if found is None:
        raise DeliveryRefused("HubSpot does not have this record.", "not_found")
    values = _usable(found.get("properties", {}), fields, is_contact=is_contact)
    if not values:
        return Receipt(_id(found), "empty", "HubSpot has no values for these fields.")
    return Receipt(_id(found), "ok", _propose(delivery, values, is_contact=is_contact))


def _propose(delivery: Delivery, values: dict[str, Any], *, is_contact: bool) -> str:
    """Draft the differences as a change that needs a person; returns the outcome."""
    noun = "contact" if is_contact else "company"
    update: Operation[Any, Effected] = update_contact if is_contact else update_company
    actor = Actor.for_job("HubSpot sync", delivery.workspace_id)
    change = {f"{noun}_id": delivery.message["entity_id"], "properties": values}
    asked = Request(require_approval=True, proposal=Proposal(description="Pulled from HubSpot."))
    try:
        answer = update.submit(actor, change, asked)
    except AppError as error:
        raise DeliveryRefused(f"HubSpot's values are not valid here: {error.message}") from error
    if answer.status == Verdict.NOOP:
        return "HubSpot has the same values."
    return f"HubSpot's differing values were proposed as {answer.action_id}."


def _usable(given: Any, fields: dict[str, str], *, is_contact: bool) -> dict[str, str | int | None]:
    """HubSpot's values in our types; texts are truncated, invalid values left out."""
    known = CONTACT_PROPERTIES if is_contact else COMPANY_PROPERTIES
    values: dict[str, str | int | None] = {}
    for ours, theirs in fields.items():
        value = given.get(theirs) if isinstance(given, dict) else None
        if not isinstance(value, str) or not value.strip():
            continue
        text = plain_name(value, known[ours].limit)
        if known[ours].kind is int:
            if text.isascii() and text.isdigit():
                values[ours] = int(text[:9])
        else:
            values[ours] = text
    return values


def _contact_there(api: _Api, email: str, names: list[str]) -> dict[str, Any] | None:
    path = f"/contacts/{quote(email, safe='')}?idProperty=email&properties={','.join(names)}"
    try:
        return api.call("GET", path, reading=True)
    except DeliveryRefused as error:
        if error.code == "OBJECT_NOT_FOUND":
            return None
        raise


def _company_there(api: _Api, domain: str, names: list[str]) -> dict[str, Any] | None:
    wanted = {"propertyName": "domain", "operator": "EQ", "value": domain}
    body = {"filterGroups": [{"filters": [wanted]}], "properties": names, "limit": 1}
    results = api.call("POST", "/companies/search", body, reading=True).get("results")
    return results[0] if isinstance(results, list) and results else None


def _row(actor: Actor, params: SyncToCrm) -> tuple[Contact | Company, str]:
    """The record and its key at HubSpot; raises NotFound, ValidationFailed."""
    row: Contact | Company
    if params.entity_type == "contact":
        row = Contact.objects.visible_to(actor).present().one(params.entity_id, "contact")
        key = row.email
    else:
        row = Company.objects.visible_to(actor).present().one(params.entity_id, "company")
        key = row.domain
    if not key:
        raise ValidationFailed(
            "The record has no e-mail address or domain to match on.", field="entity_id"
        )
    return row, key


def _as_read(request: dict[str, Any], direction: str) -> str:
    if direction == "pull":
        return f"Read {request['key']} from HubSpot and propose the differences as a change here."
    values = json.dumps(request["properties"], ensure_ascii=False, indent=2)
    return f"Set these values on {request['key']} in HubSpot:\n{values}"


def _id(answer: dict[str, Any]) -> str:
    return calls.word_of(answer, "id")
