"""Unipile's API v1 for LinkedIn: logins and their checkpoints, its own login page, a profile, an
invitation, a message.

Transcribed on 2026-11-25 from
https://developer.unipile.com/reference/userscontroller_getprofilebyidentifier,
https://developer.unipile.com/reference/userscontroller_adduserbyidentifier (invitation),
https://developer.unipile.com/reference/chatscontroller_startnewchat (multipart form),
https://developer.unipile.com/reference/accountscontroller_getaccountbyid,
https://developer.unipile.com/docs/linkedin (the login and its checkpoints) and, below /reference/,
accountscontroller_createaccount, accountscontroller_reconnectaccount,
accountscontroller_solvecheckpoint, accountscontroller_resendcheckpoint,
hostedcontroller_requestlink. https://developer.unipile.com/docs/hosted-auth has the link, and the
call after a login.

Limits of LinkedIn come as 422 `errors/limit_exceeded` or 429.

Who logs in says by the first word of the address what happens: `plain`, `code` (an OTP),
`twofactor` (2FA, then the app), `app` (a tap, seen at the second look), `captcha`, `phone`, `late`
(a code that comes too late), `restricted`. Every password but WRONG_PASSWORD is right, and only
CODE is.

The page behind a link is one of this server (fakes/unipile_page.py).
"""

import hashlib
import json
import re
import secrets
import uuid
from datetime import UTC, datetime
from email import policy
from email.parser import BytesParser
from typing import Any
from urllib.parse import parse_qs

from fakes import unipile_page
from fakes.base import Answer, Call, FakeServer, Refuse, problem, serve
from fakes.unipile_requests import CHAT, INVITE, LINK, LOGIN, RESEND, SOLUTION

TOKEN = "unipile-fake"  # noqa: S105 - of a server that stands for Unipile
ACCOUNT = "acc_fake_1"
GONE_ACCOUNT = "acc_fake_gone"
NOBODY = "nobody-here"
CODE = "246810"
WRONG_PASSWORD = "not-this-one"  # noqa: S105 - refused by every account
LOGGED_IN = "acc_login_"
LAPSED = "acc_lapsed_"  # an account whose session ended, until it logs in again
MAILBOX = "acc_mail_"  # accounts of another kind than LinkedIn
BEFORE = "2026-01-05T09:00:00.000Z"  # when accounts were made of which this run knows nothing
LOOKS = 2
CHECKPOINTS = {
    "code": "OTP",
    "late": "OTP",
    "twofactor": "2FA",
    "app": "IN_APP_VALIDATION",
    "captcha": "CAPTCHA",
    "phone": "PHONE_REGISTER",
}


class Unipile(FakeServer):
    """One connected LinkedIn account, one whose connection ended, and whoever logs in."""

    def __init__(self, token: str) -> None:
        super().__init__(token)
        self._invited: set[str] = set()
        self._pending: dict[str, str] = {}  # account to the word that says what happens
        self._looks: dict[str, int] = {}
        self._made: dict[str, str] = {}  # account to the moment it was made
        self._back: set[str] = set()  # lapsed accounts that logged in again
        self._links: dict[str, dict[str, Any]] = {}
        self.route("POST", "/api/v1/accounts", self._log_in)
        self.route("POST", "/api/v1/accounts/checkpoint", self._solve)
        self.route("POST", "/api/v1/accounts/checkpoint/resend", self._resend)
        self.route("POST", "/api/v1/hosted/accounts/link", self._link)
        self.route("GET", "/hosted/([^/]+)", self._page)
        self.route("POST", "/hosted/([^/]+)", self._press)
        self.route("POST", "/api/v1/accounts/([^/]+)", self._reconnect)
        self.route("GET", "/api/v1/accounts/([^/]+)", self._account)
        self.route("POST", "/api/v1/users/invite", self._invite)
        self.route("GET", "/api/v1/users/([^/]+)", self._profile)
        self.route("POST", "/api/v1/chats", self._chat)

    def authorise(self, call: Call) -> None:
        """The access token in X-API-KEY; the page is for whoever has its link."""
        if call.path.startswith("/hosted/"):
            return
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

    def logged(self, call: Call) -> str:
        """The body without the password, also where it is no login we know."""
        if not isinstance(call.json, dict) or "password" not in call.json:
            return super().logged(call)
        return json.dumps({**call.json, "password": "(not kept)"})

    def _log_in(self, call: Call, _: re.Match[str]) -> Answer:
        return self._begin(call, "AccountCreated")

    def _reconnect(self, call: Call, match: re.Match[str]) -> Answer:
        if not _is_known(match[1]):
            return _no(404, "errors/resource_not_found", "Account not found")
        return self._begin(call, "AccountReconnected", account=match[1])

    def _begin(self, call: Call, done: str, account: str = "") -> Answer:
        wrong = problem(LOGIN, call.json)
        if wrong:
            return _no(400, "errors/invalid_parameters", wrong)
        username = call.json["username"]
        word = re.split(r"[.@]", username)[0]
        if call.json["password"] == WRONG_PASSWORD:
            return _no(401, "errors/invalid_credentials", "Invalid credentials")
        if word == "restricted":
            return _no(403, "errors/account_restricted", "Account restricted")
        account = account or LOGGED_IN + hashlib.sha256(username.encode()).hexdigest()[:12]
        self._looks.pop(account, None)
        if word not in CHECKPOINTS:
            return self._logged_in(account, done)
        self._pending[account] = word
        return _checkpoint(account, CHECKPOINTS[word])

    def _solve(self, call: Call, _: re.Match[str]) -> Answer:
        wrong = problem(SOLUTION, call.json)
        if wrong:
            return _no(400, "errors/invalid_parameters", wrong)
        account = call.json["account_id"]
        word = self._pending.get(account)
        if word is None:
            return _no(404, "errors/resource_not_found", "Account not found")
        if word == "late":
            del self._pending[account]
            return _no(408, "errors/request_timeout", "Request timeout")
        if call.json["code"] != CODE:
            return _no(401, "errors/invalid_checkpoint_solution", "Invalid checkpoint solution")
        if word == "twofactor":
            self._pending[account] = "app"
            return _checkpoint(account, CHECKPOINTS["app"])
        return self._logged_in(account, "AccountCreated")

    def _resend(self, call: Call, _: re.Match[str]) -> Answer:
        wrong = problem(RESEND, call.json)
        if wrong:
            return _no(400, "errors/invalid_parameters", wrong)
        account = call.json["account_id"]
        if account not in self._pending:
            return _no(404, "errors/resource_not_found", "Account not found")
        answer = {"object": "CheckpointResend", "account_id": account}
        return Answer(201, answer, effect={"resent": account})

    def _link(self, call: Call, _: re.Match[str]) -> Answer:
        wrong = problem(LINK, call.json)
        if wrong:
            return _no(400, "errors/invalid_parameters", wrong)
        if not _is_known(call.json.get("reconnect_account", ACCOUNT)):
            return _no(404, "errors/resource_not_found", "Account not found")
        token = secrets.token_urlsafe(16)
        self._links[token] = call.json
        url = f"http://{call.headers['host']}/hosted/{token}"
        return Answer(201, {"object": "HostedAuthUrl", "url": url})

    def _page(self, _call: Call, match: re.Match[str]) -> Answer:
        return Answer(200, unipile_page.form()) if self._open(match[1]) else unipile_page.GONE

    def _press(self, call: Call, match: re.Match[str]) -> Answer:
        """A button: log in, log in without a word to whoever made the link, or fail."""
        link = self._open(match[1])
        pressed = {name: given[-1] for name, given in parse_qs(call.body.decode()).items()}
        if link is None:
            return unipile_page.GONE
        if pressed.get("do") == "wrong":
            return Answer(200, unipile_page.form("LinkedIn refused the address or password."))
        del self._links[match[1]]
        if pressed.get("do") == "expire":
            return unipile_page.on_to(link.get("failure_redirect_url"))
        account = link.get("reconnect_account") or LOGGED_IN + secrets.token_hex(6)
        self._logged_in(account, "AccountCreated")
        effect = {"connected": account, "name": link.get("name")}
        if pressed.get("do") != "silent":
            status = "RECONNECTED" if link["type"] == "reconnect" else "CREATION_SUCCESS"
            said = {"status": status, "account_id": account, "name": link.get("name")}
            effect["answered"] = str(unipile_page.call_back(link.get("notify_url"), said))
        return unipile_page.on_to(link.get("success_redirect_url"), effect)

    def _open(self, token: str) -> dict[str, Any] | None:
        link = self._links.get(token)
        now = datetime.now(UTC)
        return link if link and datetime.fromisoformat(link["expiresOn"]) > now else None

    def _logged_in(self, account: str, done: str) -> Answer:
        self._pending.pop(account, None)
        self._back.add(account)
        self._made.setdefault(account, _now())
        answer = {"object": done, "account_id": account}
        return Answer(201, answer, effect={"connected": account})

    def _account(self, _call: Call, match: re.Match[str]) -> Answer:
        account, status = match[1], "OK"
        if account == GONE_ACCOUNT or (account.startswith(LAPSED) and account not in self._back):
            status = "CREDENTIALS"
        elif self._pending.get(account) == "app":
            self._looks[account] = self._looks.get(account, 0) + 1
            status = "OK" if self._looks[account] >= LOOKS else "CONNECTING"
        elif account in self._pending or not _is_known(account):
            return _no(404, "errors/resource_not_found", "Account not found")
        if status == "OK":
            self._pending.pop(account, None)
        sources = [{"id": f"{account}_MESSAGING", "status": status}]
        is_mail = account.startswith(MAILBOX)
        facts = {
            "id": account,
            "type": "MAIL" if is_mail else "LINKEDIN",
            "name": "Mia Moss",
            "created_at": _now() if is_mail else self._made.get(account, BEFORE),
            "sources": sources,
        }
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


def _is_known(account_id: str) -> bool:
    """The one that is always there, and any that a login made, also before a restart."""
    made = (LOGGED_IN, LAPSED, MAILBOX)
    return account_id in {ACCOUNT, GONE_ACCOUNT} or account_id.startswith(made)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _checkpoint(account: str, kind: str) -> Answer:
    answer = {"object": "Checkpoint", "account_id": account, "checkpoint": {"type": kind}}
    return Answer(202, answer)


def _check_account(account_id: str) -> None:
    if account_id == GONE_ACCOUNT:
        raise Refuse(_no(401, "errors/disconnected_account", "The account is disconnected"))
    if not _is_known(account_id):
        raise Refuse(_no(404, "errors/resource_not_found", "Account not found"))


def _no(status: int, kind: str, title: str) -> Answer:
    return Answer(status, {"status": status, "type": kind, "title": title, "detail": title})


if __name__ == "__main__":
    serve(Unipile, "unipile", TOKEN)
