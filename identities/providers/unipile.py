"""Unipile's API v1, read on 2026-11-25: accounts and their checkpoints.

https://developer.unipile.com/docs/linkedin (the login and its checkpoints),
https://developer.unipile.com/reference/accountscontroller_createaccount,
.../accountscontroller_reconnectaccount, .../accountscontroller_solvecheckpoint,
.../accountscontroller_resendcheckpoint and .../accountscontroller_getaccountbyid. A refusal is an
object with a `type` like errors/invalid_credentials; a checkpoint lives five minutes, then 408.
"""

import re
from typing import Any
from urllib.parse import quote

import httpx
from django.conf import settings
from pydantic import SecretStr

from core import net
from core.errors import RateLimited, Unavailable
from core.schemas import plain_name
from identities.providers.linkedin import (
    Account,
    Answer,
    Challenge,
    Checkpoint,
    CheckpointOver,
    Connected,
    Hopeless,
    Refused,
    Standing,
    WrongCode,
    WrongCredentials,
)

LOGIN_SECONDS = 60.0  # LinkedIn itself is asked, which takes its time
ASK_SECONDS = 15.0
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
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
    "errors/invalid_credentials": (WrongCredentials, "LinkedIn refused the address or password."),
    "errors/expired_credentials": (WrongCredentials, "LinkedIn refused the address or password."),
    "errors/invalid_checkpoint_solution": (WrongCode, "LinkedIn refused the code."),
    "errors/request_timeout": (CheckpointOver, "LinkedIn waited too long for the code."),
    "errors/resource_not_found": (CheckpointOver, "This login is no longer known there."),
    "errors/wrong_account": (Hopeless, "This is another account than the one connected before."),
    "errors/checkpoint_error": (Hopeless, "LinkedIn asks for something that can't be done here."),
    "errors/captcha_not_supported": (Hopeless, "LinkedIn wants a picture puzzle solved."),
    "errors/account_restricted": (Hopeless, "LinkedIn has restricted this account."),
    "errors/multiple_sessions": (Hopeless, "LinkedIn allows this account no second session."),
}


class Unipile:
    """LinkedIn through Unipile, at the address and with the key of the environment."""

    def log_in(
        self, username: str, password: SecretStr, *, country: str, account_id: str
    ) -> Answer:
        """POST /accounts, or /accounts/{id} for one that is connected again."""
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

    def account(self, account_id: str) -> Account:
        """GET /accounts/{id}: one source for each feature; the worst of them counts."""
        try:
            found = _call("GET", f"/accounts/{quote(account_id, safe='')}")
        except CheckpointOver:
            return Account(Standing.UNKNOWN)
        sources = found.get("sources") or []
        states = {_STANDINGS.get(str(row.get("status")), Standing.UNKNOWN) for row in sources}
        return Account(_worst(states), plain_name(str(found.get("name") or "")))


def is_set_up() -> bool:
    """Whether the operator named the provider and its key."""
    return bool(settings.UNIPILE_API_URL and settings.UNIPILE_API_KEY)


def _worst(states: set[Standing]) -> Standing:
    for standing in (Standing.DISCONNECTED, Standing.CONNECTING, Standing.CONNECTED):
        if standing in states:
            return standing
    return Standing.UNKNOWN


def _answer(found: dict[str, Any]) -> Answer:
    account_id = str(found.get("account_id", ""))
    if not _ID.fullmatch(account_id):
        raise Unavailable("LinkedIn's provider did not answer as documented.", hint="Try again.")
    if found.get("object") != "Checkpoint":
        return Connected(account_id)
    kind = str((found.get("checkpoint") or {}).get("type"))
    return Checkpoint(account_id, _CHALLENGES.get(kind, Challenge.UNSOLVABLE))


def _call(
    method: str, path: str, body: dict[str, str] | None = None, *, seconds: float = ASK_SECONDS
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
            "LinkedIn's provider asks us to wait.", hint="Try again in some minutes."
        )
    if kind in _REFUSALS or status == 408:
        shape, sentence = _REFUSALS.get(kind, _REFUSALS["errors/request_timeout"])
        return shape(sentence)
    if status in {401, 403}:
        return Unavailable(
            "LinkedIn's provider refused our access.", hint="The operator checks UNIPILE_API_KEY."
        )
    return Unavailable("LinkedIn's provider did not answer as documented.", hint="Try again later.")


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
