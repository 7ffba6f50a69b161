"""Calls a provider's HTTP API: one request, with its answer classified.

There are no retries here. A request that certainly had no effect is refused or can wait; one that
may have had an effect is unknown; the dispatcher decides.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from core import clock, net
from core.errors import AppError, Unavailable
from identities.models import Channel
from identities.providers.contract import (
    CredentialRefused,
    DeliveryRefused,
    DeliveryUnknown,
    NotDone,
    TryLater,
)

LONGEST_WAIT = timedelta(hours=6)
TOTAL_SECONDS = 15.0  # two calls end well within a worker's lease
_WORD = re.compile(r"[A-Za-z0-9_.:/=+-]{1,128}")


def body_of(request: Any) -> bytes:
    """A stored request as the bytes that go over the wire."""
    return json.dumps(request, ensure_ascii=False, separators=(",", ":")).encode()


def token_of(channel: Channel) -> str:
    """The channel's secret; an unreadable one counts as refused."""
    try:
        return channel.opened().get("token", "")
    except Unavailable as error:
        raise CredentialRefused(error.message) from error


@dataclass(frozen=True, slots=True)
class Provider:
    """How to read a provider's refusals; `no_access_says` is a message that alone means no access.

    `code_field` is where its error bodies hold a short code; `no_access` are the codes that, like
    401, mean our secret is refused, `later` those that mean nothing was done yet.
    """

    name: str
    code_field: str
    no_access: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()
    no_access_says: str = ""

    def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        reading: bool = False,
        **content: Any,
    ) -> dict[str, Any]:
        """Send one request to an operator's origin; the JSON object of its 2xx answer.

        A `reading` request changes nothing there, so its outcome is never unknown. Raises NotDone
        in one of its forms.
        """
        response = self._response(method, url, headers, reading=reading, **content)
        self._check(response, reading=reading)
        answer = _object(response)
        if answer is None:
            raise self._unclear("sent a response we can't read", reading=reading)
        return answer

    def _response(
        self, method: str, url: str, headers: Mapping[str, str], *, reading: bool, **content: Any
    ) -> httpx.Response:
        with net.client(trust=net.Trust.OPERATOR, total_seconds=TOTAL_SECONDS) as http:
            try:
                request = http.build_request(method, url, headers=dict(headers), **content)
                return http.send(request)
            except net.Unreached as error:
                raise TryLater(f"{self.name} could not be reached.") from error
            except Unavailable as error:
                raise self._unclear("did not answer", reading=reading) from error
            except AppError as error:  # an address that is not contacted
                raise DeliveryRefused(error.message) from error

    def _check(self, response: httpx.Response, *, reading: bool) -> None:
        status = response.status_code
        if 200 <= status < 300:
            return
        answer = _object(response) or {}
        code = word_of(answer, self.code_field) or str(status)
        if status == 429 or code in self.later:
            raise TryLater(f"{self.name} asked us to slow down.", code, retry_after(response))
        says = self.no_access_says
        if status == 401 or code in self.no_access or (says and answer.get("message") == says):
            raise CredentialRefused(f"{self.name} denied access.", code)
        if status >= 500:
            raise self._unclear("reported an error", code, response, reading=reading)
        raise DeliveryRefused(f"{self.name} rejected it.", code)

    def _unclear(
        self, what: str, code: str = "", response: httpx.Response | None = None, *, reading: bool
    ) -> NotDone:
        if reading:
            wait = retry_after(response) if response else None
            return TryLater(f"{self.name} {what}.", code, wait)
        return DeliveryUnknown(f"{self.name} {what}; it may have been accepted.", code)


def _object(response: httpx.Response) -> dict[str, Any] | None:
    try:
        answer = response.json()
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def word_of(answer: Mapping[str, Any], name: str) -> str:
    """A code or id of the provider's answer; empty if it does not look like one."""
    value = answer.get(name)
    return value if isinstance(value, str) and _WORD.fullmatch(value) else ""


def retry_after(response: httpx.Response) -> int | None:
    """Seconds of Retry-After (RFC 9110 10.2.3), a number or a date; None without one."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        seconds = int(text[:9])
    else:
        moment = _date(text)
        if moment is None:
            return None
        seconds = int((moment - clock.now()).total_seconds())
    return min(max(seconds, 1), int(LONGEST_WAIT.total_seconds()))


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else None
