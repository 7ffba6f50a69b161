"""A sender's mailbox: connected, changed and closed by an admin; external access (security-5)."""

from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from pydantic import SecretStr

from accounts.services import access_grants
from core import addresses, clock
from core.actor import Actor
from core.errors import Conflict, ValidationFailed
from core.page_operations import Done, page_operation
from identities.channels import sealed
from identities.models import Identity, Mailbox
from identities.models.connected import UNCHECKED
from identities.models.mailbox import BY_GOOGLE, BY_PASSWORD
from identities.providers.email.google import Grant
from identities.schemas.mailboxes import MailboxSettings

# A secret belongs to its server: it is never sent to another (security-3).
PLACE = (
    "uses_relay",
    "smtp_host",
    "smtp_port",
    "smtp_security",
    "imap_host",
    "imap_port",
    "imap_security",
    "signs_in",
)


@page_operation("identities.mailbox.save", fresh_login=True)
def save_mailbox(actor: Actor, identity_id: str, values: MailboxSettings) -> Done[Mailbox]:
    """Connect the sender's mailbox, or change it; another server clears the stored password.

    Raises NotFound, Conflict for a taken address, ValidationFailed where a password would travel
    unencrypted.
    """
    return _saved(actor, identity_id, values, BY_PASSWORD)


@page_operation("identities.mailbox.save_gmail", fresh_login=True)
def save_gmail(actor: Actor, identity_id: str, grant: Grant) -> Done[Mailbox]:
    """Connect the Gmail mailbox a person has just consented to; raises as save_mailbox does."""
    smtp, imap = urlsplit(settings.GMAIL_SMTP_URL), urlsplit(settings.GMAIL_IMAP_URL)
    values = MailboxSettings(
        address=grant.address,
        smtp_host=smtp.hostname or "",
        smtp_port=smtp.port,
        smtp_security="tls" if smtp.scheme == "smtps" else "starttls",
        smtp_username=grant.address,
        imap_host=imap.hostname or "",
        imap_port=imap.port,
        imap_security="tls" if imap.scheme == "imaps" else "starttls",
        password=SecretStr(grant.refresh_token),
    )
    return _saved(actor, identity_id, values, BY_GOOGLE)


def _saved(actor: Actor, identity_id: str, values: MailboxSettings, signs_in: str) -> Done[Mailbox]:
    address = addresses.normalize(values.address, field="address")
    identity = _locked(actor, identity_id)
    mailbox = Mailbox.objects.visible_to(actor).filter(identity=identity).first()
    is_new = mailbox is None
    mailbox = mailbox or Mailbox(
        workspace_id=identity.workspace_id, identity=identity, created_at=clock.now()
    )
    changed = _assign(mailbox, address, values, signs_in)
    _refuse_unencrypted(mailbox)
    mailbox.state, mailbox.state_sentence = UNCHECKED, ""
    if is_new:
        mailbox.opened_by_id = actor.user_id
    _save(mailbox)
    if "address" in changed:
        _seen_anew(identity)
    if is_new or set(changed) & {*PLACE, "address"}:
        access_grants.announce(actor, "Mailbox", address)
    verb = f"identities.mailbox.{'open' if is_new else 'change'}"
    return Done(mailbox, verb=verb, object_ids=_ids(mailbox), fields=changed)


@page_operation("identities.mailbox.close")
def close_mailbox(actor: Actor, mailbox_id: str) -> Done:
    """Delete a mailbox and its password; its waiting messages return for review."""
    mailbox = Mailbox.objects.visible_to(actor).one(mailbox_id, "mailbox")
    _seen_anew(mailbox.identity)
    ids = _ids(mailbox)
    mailbox.delete()
    return Done(object_ids=ids)


def grants_of(actor: Actor) -> list[access_grants.AccessGrant]:
    """The mailboxes, as the page External access shows them."""
    rows = Mailbox.objects.visible_to(actor).select_related("opened_by").order_by("-created_at")
    return [
        access_grants.AccessGrant(
            kind="Mailbox",
            name=row.address,
            opened_by=str(row.opened_by or ""),
            since=row.created_at,
            last_used_at=row.last_used_at,
            route="close_mailbox",
            pk=str(row.pk),
        )
        for row in rows[:500]
    ]


def _locked(actor: Actor, identity_id: str) -> Identity:
    rows = Identity.objects.select_for_update().visible_to(actor).active()
    return rows.one(identity_id, "identity")


def _assign(mailbox: Mailbox, address: str, values: MailboxSettings, signs_in: str) -> list[str]:
    """Set the values; returns the names of changed fields."""
    wanted = values.model_dump(exclude={"password", "address"})
    wanted |= {"address": address, "signs_in": signs_in}
    if values.uses_relay:
        wanted |= {"smtp_host": "", "smtp_port": None, "smtp_security": "tls"}
    changed = [name for name, value in wanted.items() if getattr(mailbox, name) != value]
    for name in changed:
        setattr(mailbox, name, wanted[name])
    given = values.password.get_secret_value() if values.password else ""
    if given or set(changed) & set(PLACE):
        changed.append("password")
        mailbox.smtp_password = sealed(mailbox, given)
        mailbox.access_token, mailbox.access_until = "", None
    return changed


def _refuse_unencrypted(mailbox: Mailbox) -> None:
    is_plain = (
        mailbox.smtp_security == "none" and not mailbox.uses_relay,
        mailbox.imap_security == "none" and bool(mailbox.imap_host),
    )
    if mailbox.smtp_password and any(is_plain):
        raise ValidationFailed(
            "Without TLS the password would be sent unencrypted.",
            hint="Choose TLS or STARTTLS.",
            field="imap_security" if is_plain[1] else "smtp_security",
        )


def _save(mailbox: Mailbox) -> None:
    try:
        with transaction.atomic():
            mailbox.save()
    except IntegrityError as error:
        raise Conflict("Another sender already has this address.", field="address") from error


def _seen_anew(identity: Identity) -> None:
    """Recipients will see another sender: waiting messages need another review (sending-3)."""
    Identity.objects.filter(workspace_id=identity.workspace_id, pk=identity.pk).update(
        version=F("version") + 1
    )


def _ids(mailbox: Mailbox) -> dict[str, str]:
    return {"mailbox_id": str(mailbox.pk), "identity_id": str(mailbox.identity_id)}
