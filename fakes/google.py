"""Google's OAuth endpoints, as far as a web server that reads and sends Gmail needs them.

Transcribed on 2026-11-25 from
https://developers.google.com/identity/protocols/oauth2/web-server (authorization parameters, code
exchange, refresh, invalid_grant) and
https://developers.google.com/gmail/imap/xoauth2-protocol (the scope of IMAP and SMTP).

Its person is mia@acme.example, who says yes at once. `POST /revoke` ends what he allowed. `GET
/tokeninfo` tells a mail server whose an access token is.
"""

import base64
import hashlib
import itertools
import json
import re
from urllib.parse import parse_qsl, urlencode

from fakes.base import Answer, Call, FakeServer, serve

CLIENT_ID, CLIENT_SECRET = "fake.apps.googleusercontent.test", "fake-secret"
ADDRESS = "mia@acme.example"
SCOPE = "https://mail.google.com/"
SECONDS = 3599


class Google(FakeServer):
    """One client, one person."""

    def __init__(self, token: str) -> None:
        super().__init__(token)
        self._numbers = itertools.count(1)
        self._codes: dict[str, dict[str, str]] = {}
        self._refresh: set[str] = set()
        self._access: set[str] = set()
        self.route("GET", "/o/oauth2/v2/auth", self._consent)
        self.route("POST", "/token", self._token)
        self.route("POST", "/revoke", self._revoke)
        self.route("GET", "/tokeninfo", self._tokeninfo)

    def authorise(self, call: Call) -> None:
        """Each route asks for its own."""

    def _consent(self, call: Call, _: re.Match[str]) -> Answer:
        given = call.query
        wrong = _fault_of(given)
        if wrong:
            return Answer(400, {"error": "invalid_request", "error_description": wrong})
        code = f"4/code{next(self._numbers)}"
        self._codes[code] = given
        back = urlencode({"code": code, "state": given["state"], "scope": given["scope"]})
        return Answer(302, {}, {"Location": f"{given['redirect_uri']}?{back}"})

    def _token(self, call: Call, _: re.Match[str]) -> Answer:
        given = dict(parse_qsl(call.body.decode()))
        if (given.get("client_id"), given.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return _no(401, "invalid_client")
        if given.get("grant_type") == "authorization_code":
            return self._exchanged(given)
        if given.get("grant_type") == "refresh_token":
            return self._refreshed(given)
        return _no(400, "unsupported_grant_type")

    def _exchanged(self, given: dict[str, str]) -> Answer:
        asked = self._codes.pop(given.get("code", ""), None)
        if asked is None or asked["redirect_uri"] != given.get("redirect_uri"):
            return _no(400, "invalid_grant")
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return _no(400, "invalid_grant")
        refresh = f"1//refresh{next(self._numbers)}"
        self._refresh.add(refresh)
        answer = self._granted() | {"refresh_token": refresh, "id_token": _id_token()}
        return Answer(200, answer, effect={"granted": refresh})

    def _refreshed(self, given: dict[str, str]) -> Answer:
        if given.get("refresh_token") not in self._refresh:
            return _no(400, "invalid_grant")
        return Answer(200, self._granted(), effect={"refreshed": given["refresh_token"]})

    def _granted(self) -> dict[str, object]:
        access = f"ya29.access{next(self._numbers)}"
        self._access.add(access)
        return {
            "access_token": access,
            "expires_in": SECONDS,
            "scope": f"openid https://www.googleapis.com/auth/userinfo.email {SCOPE}",
            "token_type": "Bearer",
        }

    def _revoke(self, _call: Call, _: re.Match[str]) -> Answer:
        self._refresh.clear()
        self._access.clear()
        return Answer(200, {})

    def _tokeninfo(self, call: Call, _: re.Match[str]) -> Answer:
        if call.query.get("access_token") not in self._access:
            return Answer(400, {"error": "invalid_token"})
        return Answer(200, {"email": ADDRESS, "scope": SCOPE, "expires_in": str(SECONDS)})


def _fault_of(given: dict[str, str]) -> str:
    wanted = {
        "client_id": CLIENT_ID,
        "response_type": "code",
        "access_type": "offline",
        "prompt": "consent",
        "code_challenge_method": "S256",
    }
    wrong = next((name for name, value in wanted.items() if given.get(name) != value), "")
    missing = {"redirect_uri", "state", "code_challenge", "scope"} - given.keys()
    if SCOPE not in given.get("scope", "").split():
        return "scope"
    return wrong or ", ".join(sorted(missing))


def _id_token() -> str:
    claims = json.dumps({"iss": "https://accounts.google.com", "email": ADDRESS}).encode()
    parts = (b'{"alg":"none"}', claims, b"")
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def _no(status: int, error: str) -> Answer:
    return Answer(status, {"error": error, "error_description": "Bad Request"})


if __name__ == "__main__":
    serve(Google, "google", "")
