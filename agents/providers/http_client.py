"""One HTTP request to a model's API: limited by the budget, retried where that makes sense.

Temporary errors (429, 500, 502, 503, 529) are retried at most three times, after the delay the API
asks for, or a growing one. A request without a response is not retried here: it may have been
billed.
"""

import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from agents.providers.base import (
    Budget,
    BudgetSpent,
    ProviderRefused,
    ProviderUnavailable,
    Settings,
    Usage,
)
from agents.providers.prices import price_of
from core import net
from core.errors import AppError, Unavailable
from identities.providers.calls import retry_after, word_of

Pause = Callable[[float], None]
TRIES = 4
LONGEST_PAUSE = 20
MIN_OUTPUT = 256
_LATER = frozenset({429, 500, 502, 503, 529})
# The credit ran out or was capped: these are 429 too, but waiting does not help.
_NO_MONEY = frozenset({"insufficient_quota", "credit_balance_exhausted", "billing_error"})
_NO_MONEY_DETAIL = "enforced_spend_limit_reached"
_BYTES_PER_TOKEN = 3  # fewer than any current tokenizer needs for prose: the estimate is too high


class FormatRefused(Exception):
    """The API refused this request (400, 413, 422): it may not support structured output."""


@dataclass(slots=True)
class Meter:
    """The cost of a decision so far, and its limit."""

    budget: Budget
    model: str
    usage: Usage = field(default_factory=Usage)

    def output_left(self, body: Mapping[str, Any], wanted: int) -> int:
        """The largest answer that the budget allows for this request; raises BudgetSpent."""
        price = price_of(self.model)
        asked = estimate_tokens(body)
        money = self.budget.micro_usd - self.usage.micro_usd - price.of(asked, 0)
        affordable = money * 1_000_000 // price.output if price.output else wanted
        left = min(wanted, self.budget.output_tokens - self.usage.output_tokens, affordable)
        if self.usage.input_tokens + asked > self.budget.input_tokens or left < MIN_OUTPUT:
            raise BudgetSpent("The budget does not allow another request to the model.", self.usage)
        return left

    def add(self, input_tokens: int, output_tokens: int) -> None:
        """Count one request."""
        cost = price_of(self.model).of(input_tokens, output_tokens)
        self.usage += Usage(input_tokens, output_tokens, 1, cost)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The API's address and our credentials."""

    label: str
    url: str
    headers: Mapping[str, str]
    settings: Settings
    pause: Pause = time.sleep


def estimate_tokens(body: Mapping[str, Any]) -> int:
    """The approximate maximum of tokens in a request."""
    return len(_encoded(body)) // _BYTES_PER_TOKEN + 1


def post_json(line: Endpoint, body: Mapping[str, Any], meter: Meter) -> dict[str, Any]:
    """The API's JSON response; the caller counts the reported usage.

    Raises ProviderUnavailable, ProviderRefused and FormatRefused.
    """
    attempt = 1
    while True:
        what, wait = "could not be reached", None
        response = _sent(line, body, meter)
        if response is not None:
            if not _is_later(response):
                return _object(line, response, meter)
            meter.add(0, 0)
            what, wait = "is temporarily unavailable", retry_after(response)
        if attempt == TRIES or (wait or 0) > LONGEST_PAUSE:
            sentence = f"{line.label} {what}."
            raise ProviderUnavailable(sentence, meter.usage, retry_after_seconds=wait)
        line.pause(_pause(attempt, wait))
        attempt += 1


def _encoded(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _pause(attempt: int, wait: int | None) -> float:
    """Seconds to wait: at least as long as the API asks, randomised across callers."""
    jitter = random.random()  # noqa: S311 - spreads requests, hides nothing
    return (0.5 * 2 ** (attempt - 1) if wait is None else wait) * (1 + 0.25 * jitter)


def _sent(line: Endpoint, body: Mapping[str, Any], meter: Meter) -> httpx.Response | None:
    """The response; None when no connection was made."""
    with net.client(
        trust=net.Trust.OPERATOR, total_seconds=line.settings.timeout_seconds
    ) as client:
        try:
            return client.post(
                line.url,
                headers={"Content-Type": "application/json", **line.headers},
                content=_encoded(body),
            )
        except net.Unreached:
            return None
        except Unavailable as error:
            meter.add(estimate_tokens(body), 0)  # the cost is unknown: count the question
            raise ProviderUnavailable(f"{line.label} did not answer.", meter.usage) from error
        except AppError as error:  # an address that is not contacted
            raise ProviderRefused(error.message, meter.usage) from error


def _object(line: Endpoint, response: httpx.Response, meter: Meter) -> dict[str, Any]:
    try:
        answer = json.loads(response.content)
    except ValueError:
        answer = None
    if response.is_success and isinstance(answer, dict):
        return answer
    meter.add(0, 0)
    if response.is_success:
        raise ProviderUnavailable(f"{line.label} did not return JSON.", meter.usage)
    code = _code(answer)
    if response.status_code in {400, 413, 422}:
        raise FormatRefused(f"{line.label} rejected the request ({code or response.status_code}).")
    raise ProviderRefused(_refusal(line, response.status_code, code), meter.usage)


def _refusal(line: Endpoint, status: int, code: str) -> str:
    if status in {401, 403}:
        return f"{line.label} rejected our key."
    if status == 404:
        return f"{line.label} does not know this model."
    if code in _NO_MONEY or status in {402, 429}:
        return f"{line.label} reports no credit left for our key."
    return f"{line.label} rejected the request ({code or status})."


def _is_later(response: httpx.Response) -> bool:
    """Whether a retry may help."""
    return response.status_code in _LATER and not _is_out_of_money(response)


def _is_out_of_money(response: httpx.Response) -> bool:
    if response.status_code != 429:
        return False
    try:
        answer = json.loads(response.content)
    except ValueError:
        return False
    return _code(answer) in _NO_MONEY or _NO_MONEY_DETAIL in response.text


def _code(answer: Any) -> str:
    """The short code of an error; both APIs nest it: {"error": {"type", "code"}}."""
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict):
        return ""
    return word_of(error, "code") or word_of(error, "type")
