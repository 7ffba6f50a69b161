"""The contract of an external action type: render, then deliver exactly the rendering."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from core.actor import Actor
from crm.models import Contact
from identities.channels import AnyChannel
from identities.models import Identity


@dataclass(frozen=True, slots=True)
class Addressee:
    """A resolved recipient; `kind` is to, cc or bcc. On LinkedIn the address is the profile's."""

    address: str
    kind: str
    contact: Contact | None

    @property
    def contact_id(self) -> str | None:
        """The contact it is."""
        return str(self.contact.pk) if self.contact else None


@dataclass(frozen=True, slots=True)
class Rendered:
    """Exactly what goes out: `message` is JSON and is what the fingerprint covers.

    Every message has `text`, the full readable content, and either `envelope_to` or `target`, a
    short description of the recipient or object. Links to `own_domain` and the `seen_domains` are
    not new; `red` are the type's own high-risk reasons; `mailing_list` is the address it adds to a
    list.
    """

    message: dict[str, Any]
    addressees: list[Addressee]
    text: str
    links: list[str]
    own_domain: str = ""
    red: list[str] = field(default_factory=list)
    seen_domains: frozenset[str] = frozenset()
    mailing_list: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to send a stored rendering.

    `key` is the same for every attempt of an action: a provider with idempotency keys executes it
    once.
    """

    workspace_id: str
    identity: Identity | None
    message: dict[str, Any]
    attempt_id: str
    key: str
    audience: int | None = None  # how many people it reached when it was approved


class NotDone(Exception):
    """The delivery failed. `sentence` is our text; `code` is the provider's."""

    def __init__(self, sentence: str, code: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code


class DeliveryRefused(NotDone):
    """Certainly nothing was sent, and a retry would not help."""


class DeliveryUnknown(NotDone):
    """It may have been sent. Retried only if the provider has idempotency keys."""

    def __init__(
        self,
        sentence: str = "The connection broke while sending; the outcome is unknown.",
        code: str = "",
    ) -> None:
        super().__init__(sentence, code)


class TryLater(NotDone):
    """Certainly nothing was sent; the provider may accept it after this number of seconds."""

    def __init__(self, sentence: str, code: str = "", after_seconds: int | None = None) -> None:
        super().__init__(sentence, code)
        self.after_seconds = after_seconds


class CredentialRefused(NotDone):
    """Nothing was sent: the provider refused the channel's secret, which pauses the channel."""


class TargetChanged(NotDone):
    """Certainly nothing was sent: the effect would differ from the approved one."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider's answer: its id and code, and our sentence.

    `external` is text the provider wrote; only the dashboard shows it, marked.
    """

    provider_id: str
    code: str
    sentence: str
    external: str = ""


class Executor(Protocol):
    """One external type. `repeatable`: the provider does one key once, however often it is asked,
    so that an unknown outcome may be tried again.
    """

    needs_identity: bool
    repeatable: bool

    def render(self, actor: Actor, params: Any, identity: Identity | None) -> Rendered:
        """The message these params would send now; raises AppError. No network."""
        ...

    def channel(
        self, workspace_id: str, identity: Identity | None, message: dict[str, Any]
    ) -> AnyChannel | None:
        """The connection it uses, paused or not; None when it was deleted."""
        ...

    def deliver(self, delivery: Delivery) -> Receipt:
        """Send the stored rendering, once; raises NotDone in one of its four forms."""
        ...
