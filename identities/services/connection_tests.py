"""Tests a connection against its provider, and fetches its listing; outside any transaction.

A successful test resumes a paused channel, a refused secret pauses it. Pages show our sentences,
never the provider's text.
"""

from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from functools import partial

from accounts.services.members import require_admin
from core import addresses, audit, clock
from core.actor import Actor
from core.db import unit
from core.errors import AppError, NotFound
from identities import channels, outgoing_mail
from identities.channels import AnyChannel, label_of
from identities.inbox import imap
from identities.models import Channel, Kind, Mailbox
from identities.providers.http import Denied
from identities.providers.hubspot import connection as hubspot
from identities.providers.linkedin import connection as linkedin
from identities.providers.mcp import connection as mcp
from identities.providers.resend import connection as resend
from identities.providers.slack import connection as slack

# The test of each provider, which also stores account facts.
_TESTS: dict[Kind, Callable[[Actor, Channel], None]] = {
    Kind.SLACK: slack.test,
    Kind.RESEND: resend.test,
    Kind.HUBSPOT: hubspot.test,
    Kind.MCP: mcp.test,
    Kind.LINKEDIN: linkedin.test,
}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried and how it went, in our words."""

    name: str
    worked: bool
    sentence: str


def try_mailbox(actor: Actor, mailbox_id: str) -> list[Step]:
    """Log in by SMTP, and by IMAP where it is set up; nothing is sent."""
    mailbox = _mailbox(actor, mailbox_id)
    tries = [("Sending (SMTP)", lambda: _smtp(mailbox))]
    if mailbox.imap_host:
        tries.append(("Reading replies (IMAP)", lambda: _imap(mailbox)))
    return _settled(actor, mailbox, [_step(name, work) for name, work in tries])


def send_test_message(actor: Actor, mailbox_id: str) -> list[Step]:
    """Send a message from the mailbox to itself, by the same path as every other message."""
    mailbox = _mailbox(actor, mailbox_id)
    steps = [_step(f"A message to {mailbox.address}", lambda: _send_to_itself(mailbox))]
    return _settled(actor, mailbox, steps)


def try_channel(actor: Actor, channel_id: str) -> list[Step]:
    """Check the secret with the provider, and store its account facts."""
    channel = _channel(actor, channel_id)
    test = _TESTS.get(Kind(channel.kind))
    if test is None:
        raise NotFound("channel")
    return _settled(actor, channel, [_step(label_of(channel), partial(test, actor, channel))])


def _mailbox(actor: Actor, mailbox_id: str) -> Mailbox:
    require_admin(actor)
    return Mailbox.objects.visible_to(actor).one(mailbox_id, "mailbox")


def _channel(actor: Actor, channel_id: str) -> Channel:
    require_admin(actor)
    return Channel.objects.visible_to(actor).one(channel_id, "channel")


def _step(name: str, work: Callable[[], None]) -> Step:
    try:
        work()
    except Denied as refusal:
        return _Denied(name, worked=False, sentence=str(refusal))
    except outgoing_mail.Refused as refusal:
        shape = _Denied if refusal.is_login else Step
        return shape(name, worked=False, sentence=refusal.sentence)
    except outgoing_mail.OutcomeUnknown:
        return Step(
            name, worked=False, sentence="The connection broke; the message may have been sent."
        )
    except AppError as refusal:
        return Step(name, worked=False, sentence=refusal.words)
    return Step(name, worked=True, sentence="Works.")


class _Denied(Step):
    """The secret was refused."""


def _settled(actor: Actor, channel: AnyChannel, steps: list[Step]) -> list[Step]:
    """Store the state that results from the steps; the first error is shown."""
    fault = next((step for step in steps if not step.worked), None)
    denied = next((step for step in steps if isinstance(step, _Denied)), None)
    if denied is not None:
        channels.note_failure(channel, denied.sentence)
    elif fault is not None:
        channels.note_trouble(channel, fault.sentence)
    else:
        channels.recover(channel)
    with unit():
        ids = {"channel_id": str(channel.pk)}
        verdict = "failed" if fault else "done"
        audit.record(actor, "identities.channel.try", verdict=verdict, object_ids=ids)
    return steps


def _smtp(mailbox: Mailbox) -> None:
    with outgoing_mail.session(mailbox) as smtp:
        smtp.noop()


def _imap(mailbox: Mailbox) -> None:
    """Log in and look at the inbox without changing it."""
    try:
        with imap.session(mailbox) as session:
            session.open("INBOX")
    except imap.LoginRefused as refusal:
        raise Denied(refusal.message) from refusal


def _send_to_itself(mailbox: Mailbox) -> None:
    message = EmailMessage()
    message["From"] = message["To"] = mailbox.address
    message["Subject"] = "Your mailbox is connected"
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = make_msgid(domain=addresses.domain_of(mailbox.address))
    message.set_content("This is the test message you requested under Settings, Senders.\n")
    outgoing_mail.deliver(mailbox, mailbox.address, [mailbox.address], message)
