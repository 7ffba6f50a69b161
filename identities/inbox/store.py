"""Stores a mailbox's mail with contacts, and reports; no internal mail (inbound-1)."""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from accounts.models import Membership
from core import clock
from core.actor import Actor
from core.addresses import domain_of
from crm.free_mail import FREE_MAIL
from crm.services import mail_threads
from crm.services.mail_threads import Mail
from identities import inbound
from identities.inbound import InboundMail
from identities.inbox import parsing, reports
from identities.inbox.parsing import ReceivedMail
from identities.inbox.reports import Report
from identities.models import Mailbox


@dataclass(frozen=True, slots=True)
class OwnAddresses:
    """Our own addresses: those of senders and members, and the senders' domains."""

    addresses: frozenset[str]
    domains: frozenset[str]

    def holds(self, address: str) -> bool:
        """Whether the address is one of ours."""
        return address in self.addresses or domain_of(address) in self.domains


def own_addresses(actor: Actor) -> OwnAddresses:
    """The workspace's senders and members, and the domains of its senders."""
    mailboxes = Mailbox.objects.visible_to(actor).values_list("address", flat=True)
    people = Membership.objects.filter(workspace_id=actor.workspace_id, is_active=True)
    addresses = {address.lower() for address in mailboxes}
    domains = {domain_of(address) for address in addresses} - FREE_MAIL
    members = {str(email).lower() for email in people.values_list("user__email", flat=True)}
    return OwnAddresses(frozenset(addresses | members), frozenset(domains))


def store_message(actor: Actor, house: OwnAddresses, mailbox: Mailbox, raw: bytes) -> bool:
    """Store one message of a mailbox if it matters; true when something new was stored.

    The caller holds the transaction.
    """
    message = parsing.parsed(raw)
    report = reports.report_in(message)
    if report is not None:
        return _keep_report(actor, report)
    letter = parsing.parse_mail(message, checked_by=mailbox.checked_by)
    return letter is not None and _keep_email(actor, house, mailbox, letter, _arrived(message))


def _arrived(message: EmailMessage) -> datetime:
    """When our server received it, by its first Received line; else now."""
    stamp = parsing.header(message, "Received").rpartition(";")[2]
    return min(parsing.moment_of(stamp) or clock.now(), clock.now())


def _keep_report(actor: Actor, report: Report) -> bool:
    if report.kind == "delayed":
        return False
    for address in report.addresses:
        inbound.announce(
            InboundMail(report.kind, actor.workspace_id, address, report.message_id, clock.now())
        )
    return True


def _keep_email(
    actor: Actor, house: OwnAddresses, mailbox: Mailbox, letter: ReceivedMail, arrived: datetime
) -> bool:
    is_out = house.holds(letter.sender)
    outsiders = {address for address in letter.recipients if not house.holds(address)}
    if is_out and not outsiders:
        return False
    answers_ours = mail_threads.is_ours(actor, letter.references)
    vouched = letter.dmarc_of is not None and domain_of(letter.sender) == letter.dmarc_of
    mail = Mail(
        message_id=letter.message_id,
        references=letter.references,
        direction="out" if is_out else "in",
        sender=letter.sender,
        recipients=letter.recipients[:50],
        subject=letter.subject,
        text=letter.text,
        # A sender's clock may be wrong; a message is never written after it arrived.
        sent_at=min(letter.sent_at or arrived, arrived),
        sharing=mailbox.sharing,
        owner_id=mailbox.identity.user_id,
        automatic=letter.is_automatic,
        verified=not is_out and vouched and answers_ours,
    )
    kept = False
    for contact in mail_threads.contacts_of(actor, outsiders if is_out else {letter.sender}):
        if not mail_threads.store_message(actor, contact, mail):
            continue
        kept = True
        if not is_out and not mail.automatic:
            inbound.announce(_reply(actor, mail, str(contact.pk)))
    return kept


def _reply(actor: Actor, mail: Mail, contact_id: str) -> InboundMail:
    about = mail.references[-1] if mail.references else ""
    return InboundMail(
        "replied", actor.workspace_id, mail.sender, about, mail.sent_at, contact_id, mail.verified
    )
