"""What an external action type does: render, then deliver exactly what was rendered."""

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

    Every message has `text`, which is all a person needs to read of it, and either `envelope_to`
    or `target`, whom or what it goes to in a few words. Links to `own_domain` and to the
    `seen_domains` are nobody's surprise; `red` are the type's own high-risk reasons; `mailing_list`
    is the address it puts on one.
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
    """One try to send a stored rendering.

    `key` is the same for every try of what was approved: a provider that knows it does it once.
    """

    workspace_id: str
    identity: Identity | None
    message: dict[str, Any]
    attempt_id: str
    key: str
    audience: int | None = None  # how many people it reached when it was approved


class NotDone(Exception):
    """It did not end well. `sentence` is ours; `code` is the provider's."""

    def __init__(self, sentence: str, code: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code


class DeliveryRefused(NotDone):
    """Nothing went out, for sure, and nothing will by trying again."""


class DeliveryUnknown(NotDone):
    """It may have gone out; nobody can tell. Tried again only where the provider knows the key."""

    def __init__(
        self,
        sentence: str = "The connection broke while sending; the outcome is unknown.",
        code: str = "",
    ) -> None:
        super().__init__(sentence, code)


class TryLater(NotDone):
    """Nothing went out, for sure; the provider may take it later, after so many seconds."""

    def __init__(self, sentence: str, code: str = "", after_seconds: int | None = None) -> None:
        super().__init__(sentence, code)
        self.after_seconds = after_seconds


class CredentialRefused(NotDone):
    """Nothing went out: the provider refused the channel's secret, which pauses the channel."""


class TargetChanged(NotDone):
    """Nothing went out, for sure: it would do something else than what was approved."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the provider answered: its id and code, and our sentence.

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
        """What params of the type's schema would send now; raises AppError. No network."""
        ...

    def channel(
        self, workspace_id: str, identity: Identity | None, message: dict[str, Any]
    ) -> AnyChannel | None:
        """What it goes through, paused or not; None when it is no longer there."""
        ...

    def deliver(self, delivery: Delivery) -> Receipt:
        """Send the stored rendering, once; raises NotDone in one of its four forms."""
        ...
