"""What an external action type does: render, then deliver exactly what was rendered."""

from dataclasses import dataclass
from typing import Any, Protocol

from core.actor import Actor
from identities.models import Identity


@dataclass(frozen=True, slots=True)
class Addressee:
    """A resolved recipient; `kind` is to, cc or bcc."""

    address: str
    kind: str
    contact_id: str | None


@dataclass(frozen=True, slots=True)
class Rendered:
    """Exactly what goes out: `message` is JSON and is what the fingerprint covers."""

    message: dict[str, Any]
    addressees: list[Addressee]
    text: str
    links: list[str]


class DeliveryRefused(Exception):
    """Nothing went out, for sure. `sentence` is ours; `code` is the provider's."""

    def __init__(self, sentence: str, code: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code


class DeliveryUnknown(Exception):
    """It may have gone out; nobody can tell. Never sent again by itself."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the provider answered: its id and code, and our sentence."""

    provider_id: str
    code: str
    sentence: str


class Executor(Protocol):
    """One external channel."""

    def render(self, actor: Actor, params: Any, identity: Identity) -> Rendered:
        """What params of the type's schema would send now; raises AppError. No network."""
        ...

    def deliver(self, identity: Identity, message: dict[str, Any], attempt_id: str) -> Receipt:
        """Send the stored rendering, once; raises DeliveryRefused or DeliveryUnknown."""
        ...
