"""Prices of models' tokens, in micro-USD per million tokens: dollars per million, times 10^6.

Read on 2026-11-25 from "Models & pricing" (platform.claude.com/docs/en/about-claude/pricing and the
overview page of each model; for Claude Haiku 5.5 that of prompts up to 100,000 tokens, which ours
stay below) and "Pricing" (developers.openai.com/api/docs/pricing, standard, short context). The
list is for budgets, not for accounting: only the provider's bill is exact.
"""

import re
from dataclasses import dataclass

_MILLION = 1_000_000
_SNAPSHOT = re.compile(r"-(\d{8}|\d{4}-\d{2}-\d{2})$")


@dataclass(frozen=True, slots=True)
class Price:
    """The price of a million input and output tokens, in micro-USD."""

    input: int
    output: int

    def of(self, input_tokens: int, output_tokens: int) -> int:
        """The cost of a number of tokens in micro-USD, rounded up."""
        total = input_tokens * self.input + output_tokens * self.output
        return -(-total // _MILLION)


def _dollars(input_price: float, output_price: float) -> Price:
    return Price(round(input_price * _MILLION), round(output_price * _MILLION))


PRICES = {
    "claude-fable-5-1": _dollars(10, 50),
    "claude-opus-5-5": _dollars(4, 20),
    "claude-opus-5": _dollars(5, 25),
    "claude-sonnet-5-5": _dollars(2, 10),
    "claude-sonnet-5": _dollars(2, 10),
    "claude-haiku-5-5": _dollars(0.10, 0.50),
    "claude-haiku-4-5": _dollars(1, 5),
    "gpt-6-astra": _dollars(10, 50),
    "gpt-6-sol": _dollars(2, 10),
    "gpt-6-luna": _dollars(0.10, 0.50),
    "gpt-5.6-sol": _dollars(4, 20),
    "gpt-5.6-terra": _dollars(2, 12),
    "gpt-5.6-luna": _dollars(0.20, 1.20),
}
# An unlisted model has the highest listed price: a budget may end early, never late.
UNKNOWN = _dollars(10, 50)


def price_of(model: str) -> Price:
    """The price of a model; a dated snapshot has its model's price."""
    return PRICES.get(_SNAPSHOT.sub("", model), UNKNOWN)
