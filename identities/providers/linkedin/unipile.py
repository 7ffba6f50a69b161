"""Unipile's API v1, read on 2026-11-25: accounts, their checkpoints, and its own login page.

https://developer.unipile.com/docs/linkedin (the login and its checkpoints),
https://developer.unipile.com/reference/accountscontroller_createaccount,
.../accountscontroller_reconnectaccount, .../accountscontroller_solvecheckpoint,
.../accountscontroller_resendcheckpoint and .../accountscontroller_getaccountbyid. A refusal is an
object with a `type` like errors/invalid_credentials; a checkpoint lives five minutes, then 408.

https://developer.unipile.com/docs/hosted-auth and .../hostedcontroller_requestlink: the page's
link; the call that follows a login carries {status, account_id, name} and no signature. `name` is
ours from the link and appears in that call only: no documented request finds an account by it.
"""

import re
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from django.conf import settings
from django.utils.dateparse import parse_datetime
from pydantic import SecretStr

from core import clock, net, strict_json
from core.errors import RateLimited, Unavailable, ValidationFailed
from core.schemas import plain_name
from identities.providers.linkedin.client import (
    Account,
    Answer,
    Challenge,
    Checkpoint,
    CheckpointOver,
    Connected,
    LoginImpossible,
    Refused,
    Report,
    Standing,
    Visit,
    WrongCode,
    WrongCredentials,
)

LOGIN_SECONDS = 60.0  # Unipile calls LinkedIn, which is slow
ASK_SECONDS = 15.0
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_REPORTED = {"CREATION_SUCCESS", "RECONNECTED"}
_CHALLENGES = {
    "2FA": Challenge.CODE,
    "OTP": Challenge.CODE,
    "IN_APP_VALIDATION": Challenge.APP,
}
_STANDINGS = {
    "OK": Standing.CONNECTED,
    "CONNECTING": Standing.CONNECTING,
    "CREDENTIALS": Standing.DISCONNECTED,
    "PERMISSIONS": Standing.DISCONNECTED,
    "STOPPED": Standing.DISCONNECTED,
    "ERROR": Standing.DISCONNECTED,
}
_REFUSALS: dict[str, tuple[type[Refused], str]] = {
    "errors/invalid_credentials": (WrongCredentials, "LinkedIn rejected the address or password."),
    "errors/expired_credentials": (WrongCredentials, "LinkedIn rejected the address or password."),
    "errors/invalid_checkpoint_solution": (WrongCode, "LinkedIn rejected the code."),
    "errors/request_timeout": (CheckpointOver, "The code came too late for LinkedIn."),
    "errors/resource_not_found": (CheckpointOver, "The provider no longer knows this login."),
    "errors/wrong_account": (LoginImpossible, "This is not the account that was connected before."),
    "errors/checkpoint_error": (
        LoginImpossible,
        "LinkedIn requires a step that is not supported here.",
    ),
    "errors/captcha_not_supported": (LoginImpossible, "LinkedIn requires a captcha."),
    "errors/account_restricted": (LoginImpossible, "LinkedIn has restricted this account."),
    "errors/multiple_sessions": (
        LoginImpossible,
        "LinkedIn does not allow a second session for this account.",
    ),
}


class Unipile:
    """LinkedIn through Unipile, at the address and with the key of the environment."""

    def log_in(
        self, username: str, password: SecretStr, *, country: str, account_id: str
    ) -> Answer:
        """POST /accounts, or /accounts/{id} to reconnect one."""
        body = {
            "provider": "LINKEDIN",
            "username": username,
            "password": password.get_secret_value(),
            "country": country,
        }
        path = f"/accounts/{quote(account_id, safe='')}" if account_id else "/accounts"
        return _answer(_call("POST", path, body, seconds=LOGIN_SECONDS))

    def solve(self, account_id: str, code: str) -> Answer:
        """POST /accounts/checkpoint."""
        body = {"provider": "LINKEDIN", "account_id": account_id, "code": code}
        return _answer(_call("POST", "/accounts/checkpoint", body, seconds=LOGIN_SECONDS))

    def resend(self, account_id: str) -> None:
        """POST /accounts/checkpoint/resend."""
        body = {"provider": "LINKEDIN", "account_id": account_id}
        _call("POST", "/accounts/checkpoint/resend", body)

    def page_for(self, visit: Visit) -> str:
        """POST /hosted/accounts/link, to make an account or to connect one again."""
        whose = (
            {"type": "reconnect", "reconnect_account": visit.account_id}
            if visit.account_id
            else {"type": "create", "providers": ["LINKEDIN"]}
        )
        body = {
            **whose,
            "api_url": settings.UNIPILE_API_URL,
            "expiresOn": clock.iso(visit.expires_at),
            "name": visit.reference,
            "notify_url": visit.notify_url,
            "success_redirect_url": visit.success_url,
            "failure_redirect_url": visit.failure_url,
        }
        return _link(_call("POST", "/hosted/accounts/link", body))

    def account(self, account_id: str) -> Account:
        """GET /accounts/{id}: one source for each feature; the worst of them counts."""
        try:
            found = _call("GET", f"/accounts/{quote(account_id, safe='')}")
        except CheckpointOver:
            return Account(Standing.UNKNOWN)
        sources = found.get("sources") or []
        states = {_STANDINGS.get(str(row.get("status")), Standing.UNKNOWN) for row in sources}
        return Account(
            _worst(states),
            plain_name(str(found.get("name") or "")),
            is_linkedin=found.get("type") == "LINKEDIN",
            made_at=_moment(found.get("created_at")),
        )


def is_set_up() -> bool:
    """Whether the operator named the provider and its key."""
    return bool(settings.UNIPILE_API_URL and settings.UNIPILE_API_KEY)


def _worst(states: set[Standing]) -> Standing:
    for standing in (Standing.DISCONNECTED, Standing.CONNECTING, Standing.CONNECTED):
        if standing in states:
            return standing
    return Standing.UNKNOWN


def report_of(body: bytes) -> Report:
    """The content of a call to `notify_url`; raises ValidationFailed for an invalid body."""
    said = strict_json.loads(body)
    found = said if isinstance(said, dict) else {}
    reference, account_id = str(found.get("name", "")), str(found.get("account_id", ""))
    if found.get("status") not in _REPORTED or not reference or not _ID.fullmatch(account_id):
        raise ValidationFailed("This is not a login report.")
    return Report(reference, account_id)


def _answer(found: dict[str, Any]) -> Answer:
    account_id = str(found.get("account_id", ""))
    if not _ID.fullmatch(account_id):
        raise Unavailable("The LinkedIn provider sent an unexpected response.", hint="Try again.")
    if found.get("object") != "Checkpoint":
        return Connected(account_id)
    kind = str((found.get("checkpoint") or {}).get("type"))
    return Checkpoint(account_id, _CHALLENGES.get(kind, Challenge.UNSOLVABLE))


def _link(found: dict[str, Any]) -> str:
    """The page a person is sent to: by https, or at the API's own origin."""
    url = str(found.get("url", ""))
    parts, api = urlsplit(url), urlsplit(settings.UNIPILE_API_URL)
    is_api = (parts.scheme, parts.netloc) == (api.scheme, api.netloc)
    if not parts.hostname or not (parts.scheme == "https" or is_api):
        raise Unavailable("The LinkedIn provider sent an unexpected response.", hint="Try again.")
    return url


def _moment(value: object) -> datetime | None:
    found = parse_datetime(value) if isinstance(value, str) else None
    return found if found is not None and found.tzinfo is not None else None


def _call(
    method: str, path: str, body: dict[str, Any] | None = None, *, seconds: float = ASK_SECONDS
) -> dict[str, Any]:
    url = f"{settings.UNIPILE_API_URL}/api/v1{path}"
    headers = {"X-API-KEY": settings.UNIPILE_API_KEY, "Accept": "application/json"}
    with net.client(trust=net.Trust.OPERATOR, total_seconds=seconds) as http:
        response = http.request(method, url, headers=headers, json=body)
    found = _object(response)
    if 200 <= response.status_code < 300:
        return found
    raise _refusal(response.status_code, str(found.get("type", "")))


def _refusal(status: int, kind: str) -> Exception:
    if status == 429 or kind == "errors/limit_exceeded":
        return RateLimited(
            "The LinkedIn provider asked us to slow down.", hint="Try again in a few minutes."
        )
    if kind in _REFUSALS or status == 408:
        shape, sentence = _REFUSALS.get(kind, _REFUSALS["errors/request_timeout"])
        return shape(sentence)
    if status in {401, 403}:
        return Unavailable(
            "The LinkedIn provider denied access.",
            hint="Ask the operator to check UNIPILE_API_KEY.",
        )
    return Unavailable(
        "The LinkedIn provider sent an unexpected response.", hint="Try again later."
    )


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
