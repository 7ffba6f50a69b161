"""Unipile's API v1 for LinkedIn: a profile, an invitation, a first message.

Transcribed on 2026-11-25 from
https://developer.unipile.com/reference/userscontroller_getprofilebyidentifier,
https://developer.unipile.com/reference/userscontroller_adduserbyidentifier (invitation),
https://developer.unipile.com/reference/chatscontroller_startnewchat (multipart form) and
https://developer.unipile.com/reference/accountscontroller_getaccountbyid.

Limits of LinkedIn come as 422 `errors/limit_exceeded` or 429.
"""

import itertools
import re
import uuid
from email import policy
from email.parser import BytesParser
from typing import Any

from standins.base import Answer, Call, Refuse, Standin, problem, serve

TOKEN = "unipile-standin"  # noqa: S105 - of a server that stands for Unipile
ACCOUNT = "acc_standin_1"
GONE_ACCOUNT = "acc_standin_gone"
NOBODY = "nobody-here"

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


class Unipile(Standin):
    """One connected LinkedIn account, and one whose connection ended."""

    def __init__(self, token: str) -> None:
        super().__init__(token)
        self._invited: set[str] = set()
        self._numbers = itertools.count(1)
        self.route("GET", "/api/v1/accounts/([^/]+)", self._account)
        self.route("POST", "/api/v1/users/invite", self._invite)
        self.route("GET", "/api/v1/users/([^/]+)", self._profile)
        self.route("POST", "/api/v1/chats", self._chat)

    def authorise(self, call: Call) -> None:
        """The access token in X-API-KEY."""
        if call.headers.get("x-api-key") != self.token:
            raise Refuse(_no(401, "errors/missing_credentials", "Missing credentials"))

    def unknown_route(self, call: Call) -> Answer:
        """A path it does not have."""
        return _no(404, "errors/resource_not_found", "Not found")

    def rate_limited(self, retry_after: int | None) -> Answer:
        """HTTP 429."""
        answer = _no(429, "errors/too_many_requests", "Too many requests")
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        return Answer(429, answer.body, headers)

    def broken(self, status: int) -> Answer:
        """An unexpected error."""
        return _no(status, "errors/unexpected_error", "Unexpected error")

    def _account(self, _call: Call, match: re.Match[str]) -> Answer:
        if match[1] != ACCOUNT:
            return _no(404, "errors/resource_not_found", "Account not found")
        sources = [{"id": f"{ACCOUNT}_MESSAGING", "status": "OK"}]
        facts = {"id": ACCOUNT, "type": "LINKEDIN", "name": "Mia Moss", "sources": sources}
        return Answer(200, {"object": "Account", **facts})

    def _profile(self, call: Call, match: re.Match[str]) -> Answer:
        _check_account(call.query.get("account_id", ""))
        if match[1] == NOBODY:
            return _no(422, "errors/invalid_recipient", "Recipient cannot be reached")
        return Answer(
            200,
            {
                "object": "UserProfile",
                "provider": "LINKEDIN",
                "provider_id": f"ACoAA{match[1]}",
                "public_identifier": match[1],
                "network_distance": "SECOND_DEGREE",
            },
        )

    def _invite(self, call: Call, _: re.Match[str]) -> Answer:
        wrong = problem(INVITE, call.json)
        if wrong:
            return _no(400, "errors/invalid_parameters", wrong)
        _check_account(call.json["account_id"])
        if call.json["provider_id"] in self._invited:
            return _no(422, "errors/already_invited_recently", "Already invited recently")
        self._invited.add(call.json["provider_id"])
        made = str(uuid.uuid4())
        answer = {"object": "UserInvitationSent", "invitation_id": made}
        return Answer(201, answer, effect={"invited": call.json["provider_id"], "id": made})

    def _chat(self, call: Call, _: re.Match[str]) -> Answer:
        fields = form_of(call)
        wrong = problem(CHAT, fields)
        if wrong:
            return _no(400, "errors/invalid_parameters", wrong)
        _check_account(fields["account_id"])
        made = {"chat_id": str(uuid.uuid4()), "message_id": str(uuid.uuid4())}
        effect = {"message": made["message_id"], "to": fields["attendees_ids"]}
        return Answer(201, {"object": "ChatStarted", **made}, effect=effect)


def form_of(call: Call) -> dict[str, Any]:
    """The fields of a multipart form (RFC 7578)."""
    kind = call.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        return {}
    head = f"Content-Type: {kind}\r\n\r\n".encode()
    message = BytesParser(policy=policy.HTTP).parsebytes(head + call.body)
    return {
        str(part.get_param("name", header="content-disposition")): (
            part.get_payload(decode=True) or b""
        ).decode()  # type: ignore[union-attr]
        for part in message.iter_parts()
    }


def _check_account(account_id: str) -> None:
    if account_id == GONE_ACCOUNT:
        raise Refuse(_no(401, "errors/disconnected_account", "The account is disconnected"))
    if account_id != ACCOUNT:
        raise Refuse(_no(404, "errors/resource_not_found", "Account not found"))


def _no(status: int, kind: str, title: str) -> Answer:
    return Answer(status, {"status": status, "type": kind, "title": title, "detail": title})


if __name__ == "__main__":
    serve(Unipile, "unipile", TOKEN)
