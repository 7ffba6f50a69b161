"""LinkedIn through Unipile's API: an invitation, or a message.

At most once: there is no idempotency key. A profile's public name is looked up first, which changes
nothing there; only then something is sent.
"""

from typing import Any, ClassVar
from urllib.parse import quote

from django.conf import settings
from pydantic import TypeAdapter, ValidationError

from core.actor import Actor
from core.errors import ValidationFailed
from core.schemas import plain_name
from crm.models import Contact
from identities.channels import AnyChannel, channel_of, channel_or_none, settings_of
from identities.models import Identity, Kind
from identities.providers import calls
from identities.providers.calls import Provider
from identities.providers.contract import (
    Addressee,
    CredentialRefused,
    Delivery,
    DeliveryRefused,
    Receipt,
    Rendered,
)
from identities.providers.linkedin.schemas import (
    LinkedinConnection,
    LinkedinMessage,
    LinkedinSettings,
    ProfileUrl,
)
from identities.providers.rendering import links_of

UNIPILE = Provider(
    "LinkedIn",
    "type",
    no_access=frozenset(
        {
            *("errors/missing_credentials", "errors/invalid_credentials"),
            *("errors/expired_credentials", "errors/disconnected_account"),
            *("errors/disconnected_feature", "errors/insufficient_privileges"),
        }
    ),
    later=frozenset({"errors/limit_exceeded", "errors/too_many_requests"}),
)
_PROFILE: TypeAdapter[str] = TypeAdapter(ProfileUrl)


class _LinkedIn:
    """Shared by invitation and message."""

    needs_identity = True
    repeatable = False
    path: ClassVar[str]
    done: ClassVar[str]
    id_field: ClassVar[str]

    def render(
        self,
        actor: Actor,
        params: LinkedinConnection | LinkedinMessage,
        identity: Identity | None,
    ) -> Rendered:
        """Whose profile gets which words, from which account."""
        connected = channel_of(actor.workspace_id, Kind.LINKEDIN, identity)
        account = settings_of(connected, LinkedinSettings)
        if not account.account_id or not settings.UNIPILE_API_URL:
            raise ValidationFailed(
                "This sender's LinkedIn account is not connected yet.",
                hint="An admin can connect it under Settings, Senders.",
                field="identity_id",
            )
        url, contact = _profile(actor, params)
        message = {
            "target": url.rsplit("/", 1)[1],
            "from": plain_name(str(identity)),
            "profile_url": url,
            "account_id": account.account_id,
            "text": params.message,
            "request": self.request(account.account_id, params.message),
        }
        addressee = Addressee(url, "to", contact)
        return Rendered(message, [addressee], params.message, links_of(params.message))

    def channel(
        self, workspace_id: str, identity: Identity | None, message: dict[str, Any]
    ) -> AnyChannel | None:
        """The sender's LinkedIn account."""
        return channel_or_none(workspace_id, Kind.LINKEDIN, identity)

    def request(self, account_id: str, text: str) -> dict[str, str]:
        """The request without the profile's internal id, which is looked up."""
        raise NotImplementedError

    def content(self, request: dict[str, str], provider_id: str) -> dict[str, Any]:
        """The same with that id, as httpx takes it."""
        raise NotImplementedError

    def deliver(self, delivery: Delivery) -> Receipt:
        """Look the profile up, then send, once."""
        headers = {"X-API-KEY": settings.UNIPILE_API_KEY, "Accept": "application/json"}
        if not settings.UNIPILE_API_KEY:
            raise CredentialRefused("The operator has not set UNIPILE_API_KEY.")
        message, base = delivery.message, f"{settings.UNIPILE_API_URL}/api/v1"
        public = quote(message["profile_url"].rsplit("/", 1)[1], safe="%")
        query = f"account_id={quote(message['account_id'], safe='')}"
        url = f"{base}/users/{public}?{query}"
        profile = UNIPILE.call("GET", url, headers=headers, reading=True)
        provider_id = calls.word_of(profile, "provider_id")
        if not provider_id:
            raise DeliveryRefused("LinkedIn does not know this profile.", "no_profile")
        answer = UNIPILE.call(
            "POST",
            f"{base}{self.path}",
            headers=headers,
            **self.content(message["request"], provider_id),
        )
        return Receipt(calls.word_of(answer, self.id_field), "ok", self.done)


class LinkedinConnectionExecutor(_LinkedIn):
    """Sends an invitation."""

    path = "/users/invite"
    done = "LinkedIn accepted the invitation."
    id_field = "invitation_id"

    def request(self, account_id: str, text: str) -> dict[str, str]:
        """An invitation without words has no message."""
        return {"account_id": account_id, **({"message": text} if text else {})}

    def content(self, request: dict[str, str], provider_id: str) -> dict[str, Any]:
        """JSON."""
        return {"json": {**request, "provider_id": provider_id}}


class LinkedinMessageExecutor(_LinkedIn):
    """Starts or continues a chat."""

    path = "/chats"
    done = "LinkedIn accepted the message."
    id_field = "message_id"

    def request(self, account_id: str, text: str) -> dict[str, str]:
        """Account and text."""
        return {"account_id": account_id, "text": text}

    def content(self, request: dict[str, str], provider_id: str) -> dict[str, Any]:
        """A multipart form, as this route requires (RFC 7578)."""
        fields = {**request, "attendees_ids": provider_id}
        return {"files": [(name, (None, value.encode())) for name, value in fields.items()]}


def _profile(
    actor: Actor, params: LinkedinConnection | LinkedinMessage
) -> tuple[str, Contact | None]:
    people = Contact.objects.visible_to(actor).present()
    if params.contact_id is None:
        url = params.profile_url or ""
        return url, people.filter(linkedin_url__in=[url, f"{url}/"]).order_by("id").first()
    contact = people.one(params.contact_id, "contact")
    try:
        return _PROFILE.validate_python(contact.linkedin_url), contact
    except ValidationError as error:
        raise ValidationFailed(
            "This contact has no LinkedIn profile address.",
            hint="Set linkedin_url (like https://www.linkedin.com/in/ana-ng) or pass profile_url.",
            field="contact_id",
        ) from error
