"""Resend: e-mails, contacts and broadcasts (https://resend.com/docs/api-reference).

E-mails carry an idempotency key, so an unknown outcome is retried; contacts and broadcasts have
none and are at most once. From and Reply-To are the sender's; no headers, no attachments, and no
scheduling by Resend: our clock sends.
"""

from typing import Any, ClassVar

from django.conf import settings

from core import addresses
from core.actor import Actor
from core.errors import NotFound, Unavailable
from core.schemas import plain_name
from crm.models import Contact
from identities.channels import AnyChannel, channel_of, channel_or_none
from identities.models import Identity, Kind
from identities.providers import calls
from identities.providers.calls import Provider
from identities.providers.contract import (
    CredentialRefused,
    Delivery,
    DeliveryRefused,
    Receipt,
    Rendered,
    TargetChanged,
    TryLater,
)
from identities.providers.email import recipients
from identities.providers.http import Denied
from identities.providers.rendering import html_of, links_of
from identities.providers.resend.api import people_of
from identities.providers.resend.schemas import (
    ResendCreateBroadcast,
    ResendCreateContact,
    ResendSendEmail,
)

RESEND = Provider(
    "Resend",
    "name",
    no_access=frozenset({"missing_api_key", "invalid_api_key", "restricted_api_key"}),
    later=frozenset({"concurrent_idempotent_requests"}),
    no_access_says="API key is invalid",  # a validation_error on all routes but sending
)
MORE_PEOPLE = 10
MORE_SHARE = 0.1
UNSUBSCRIBE = "{{{RESEND_UNSUBSCRIBE_URL}}}"


class _Resend:
    """Shared by the three."""

    needs_identity = False
    repeatable = False
    path: ClassVar[str]
    done: ClassVar[str]

    def channel(
        self, workspace_id: str, identity: Identity | None, message: dict[str, Any]
    ) -> AnyChannel | None:
        return channel_or_none(workspace_id, Kind.RESEND)

    def deliver(self, delivery: Delivery) -> Receipt:
        """Send the stored request."""
        channel = channel_of(delivery.workspace_id, Kind.RESEND)
        headers = {
            "Authorization": f"Bearer {calls.token_of(channel)}",
            "Content-Type": "application/json",
        }
        if self.repeatable:
            headers["Idempotency-Key"] = delivery.key
        answer = RESEND.call(
            "POST",
            f"{settings.RESEND_API_URL}{self.path}",
            headers=headers,
            content=calls.body_of(delivery.message["request"]),
        )
        return Receipt(calls.word_of(answer, "id"), "ok", self.done)


class ResendEmailExecutor(_Resend):
    """Renders and sends a `resend_send_email`."""

    needs_identity = True
    repeatable = True
    path = "/emails"
    done = "Resend accepted the message."

    def render(self, actor: Actor, params: ResendSendEmail, identity: Identity | None) -> Rendered:
        """The request with the sender's name, address and signature."""
        channel_of(actor.workspace_id, Kind.RESEND)
        mailbox = recipients.mailbox_of(identity)
        addressees = recipients.addressees_of(actor, params)
        text = recipients.with_signature(params.text, mailbox.identity.signature)
        named = {
            kind: [row.address for row in addressees if row.kind == kind]
            for kind in ("to", "cc", "bcc")
        }
        request = {
            "from": recipients.sender_of(mailbox),
            **{kind: found for kind, found in named.items() if found},
            "reply_to": mailbox.address,
            "subject": params.subject,
            "html": html_of(text),
            "text": text,
        }
        message = {
            "envelope_to": [row.address for row in addressees],
            "from": request["from"],
            "subject": params.subject,
            "text": text,
            "request": request,
        }
        own = addresses.domain_of(mailbox.address)
        return Rendered(message, addressees, text, links_of(text), own)


class ResendContactExecutor(_Resend):
    """Adds a contact at Resend for `resend_create_contact`."""

    path = "/contacts"
    done = "Resend added the contact."

    def render(self, actor: Actor, params: ResendCreateContact, _: Identity | None) -> Rendered:
        """The request; of one of our contacts with its name."""
        channel_of(actor.workspace_id, Kind.RESEND)
        values = _contact_values(actor, params)
        request: dict[str, Any] = {key: value for key, value in values.items() if value}
        if params.unsubscribed is not None:
            request["unsubscribed"] = params.unsubscribed
        if params.segment_ids:
            request["segments"] = [{"id": segment} for segment in params.segment_ids]
        lines = [f"{key}: {_words(value)}" for key, value in request.items()]
        message = {"target": values["email"], "text": "\n".join(lines), "request": request}
        red = ["sets consent in Resend"] if params.unsubscribed is not None else []
        return Rendered(
            message, [], str(message["text"]), [], red=red, mailing_list=values["email"]
        )


class ResendBroadcastExecutor(_Resend):
    """Sends a `resend_create_broadcast` to a whole segment."""

    needs_identity = True
    path = "/broadcasts"
    done = "Resend accepted the broadcast."

    def render(
        self, actor: Actor, params: ResendCreateBroadcast, identity: Identity | None
    ) -> Rendered:
        """The request, with the unsubscribe link at its end."""
        channel_of(actor.workspace_id, Kind.RESEND)
        mailbox = recipients.mailbox_of(identity)
        text = recipients.with_signature(params.text, mailbox.identity.signature)
        request = {
            "segment_id": params.segment_id,
            "from": recipients.sender_of(mailbox),
            "reply_to": mailbox.address,
            "subject": params.subject,
            "html": f'{html_of(text)}\n<p><a href="{UNSUBSCRIBE}">Unsubscribe</a></p>',
            "text": f"{text}\nUnsubscribe: {UNSUBSCRIBE}\n",
            **({"name": params.name} if params.name else {}),
            "send": True,
        }
        message = {
            "target": f"segment {params.segment_id}",
            "from": request["from"],
            "subject": params.subject,
            "text": request["text"],
            "request": request,
        }
        own = addresses.domain_of(mailbox.address)
        return Rendered(message, [], text, links_of(text), own)

    def deliver(self, delivery: Delivery) -> Receipt:
        """Send it, unless it would reach many more people than when it was approved."""
        now = audience_of(delivery.workspace_id, delivery.message)
        if delivery.audience is None or has_grown(delivery.audience, now):
            before = "an unknown number of" if delivery.audience is None else delivery.audience
            raise TargetChanged(
                f"It would now reach {now} people; it was {before} when approved.", "audience_grew"
            )
        return super().deliver(delivery)


def audience_of(workspace_id: str, message: dict[str, Any]) -> int:
    """The current number of recipients in the broadcast's segment; raises NotDone."""
    channel = channel_of(workspace_id, Kind.RESEND)
    try:
        return people_of(calls.token_of(channel), message["request"]["segment_id"])
    except Denied as error:
        raise CredentialRefused(error.sentence) from error
    except NotFound as error:
        raise DeliveryRefused("Resend has no such segment.", "not_found") from error
    except Unavailable as error:
        raise TryLater(error.message) from error


def has_grown(approved: int, now: int) -> bool:
    """Whether it needs approval again: it grew by more than ten people and more than a tenth."""
    return now - approved > max(MORE_PEOPLE, approved * MORE_SHARE)


def _contact_values(actor: Actor, params: ResendCreateContact) -> dict[str, str]:
    given = {"first_name": params.first_name, "last_name": params.last_name}
    if params.contact_id is None:
        return {"email": addresses.normalize(params.email or "", field="email"), **given}
    contact = Contact.objects.visible_to(actor).present().one(params.contact_id, "contact")
    return {
        "email": addresses.normalize(contact.email, field="contact_id"),
        "first_name": given["first_name"] or contact.firstname,
        "last_name": given["last_name"] or contact.lastname,
    }


def _words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(row["id"]) for row in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return plain_name(str(value), 254)
