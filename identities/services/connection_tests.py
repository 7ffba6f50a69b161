"""Trying a connection for real, and fetching what it offers; outside any transaction.

A test that succeeds mends a paused channel, one whose secret is refused pauses it. What the page
shows are our sentences; the provider's own words stay out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from accounts.services.members import require_admin
from core import addresses, audit, clock
from core.actor import Actor
from core.db import unit
from core.errors import AppError, NotFound, Unavailable
from identities import channels, mcp_servers, outgoing_mail
from identities.channels import AnyChannel, label_of, settings_of
from identities.inbox import imap
from identities.models import Channel, Kind, Mailbox
from identities.providers import hubspot, resend, slack
from identities.providers.http import Denied
from identities.providers.linkedin import Refused, Standing
from identities.providers.unipile import Unipile
from identities.schemas.channels import LinkedinSettings, SlackSettings
from identities.services.connections import refresh_listing, set_fact


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
    """Send a message from the mailbox to itself, through the way every other message takes."""
    mailbox = _mailbox(actor, mailbox_id)
    steps = [_step(f"A message to {mailbox.address}", lambda: _send_to_itself(mailbox))]
    return _settled(actor, mailbox, steps)


def try_channel(actor: Actor, channel_id: str) -> list[Step]:
    """Ask the provider whether the secret works, and keep what it says of the account."""
    channel = _channel(actor, channel_id)
    works: dict[str, Callable[[], None]] = {
        Kind.SLACK: lambda: _slack(actor, channel),
        Kind.RESEND: lambda: resend.check(_token_of(channel)),
        Kind.HUBSPOT: lambda: _hubspot(actor, channel),
        Kind.MCP: lambda: _mcp(actor, channel),
        Kind.LINKEDIN: lambda: _linkedin(actor, channel),
    }
    work = works.get(channel.kind)
    if work is None:
        raise NotFound("channel")
    return _settled(actor, channel, [_step(label_of(channel), work)])


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
        return Step(name, worked=False, sentence="The connection broke; it may have gone out.")
    except AppError as refusal:
        return Step(name, worked=False, sentence=refusal.words)
    return Step(name, worked=True, sentence="Works.")


class _Denied(Step):
    """The secret was refused."""


def _settled(actor: Actor, channel: AnyChannel, steps: list[Step]) -> list[Step]:
    """Keep the state the steps show; the first fault speaks."""
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
    message.set_content("This is the test message you asked for in Settings, Senders.\n")
    outgoing_mail.deliver(mailbox, mailbox.address, [mailbox.address], message)


def _token_of(channel: Channel) -> str:
    token = channel.opened().get("token")
    if not token:
        raise Denied("There is no token.")
    return token


def _slack(actor: Actor, channel: Channel) -> None:
    token = _token_of(channel)
    team_id, team = slack.team_of(token)
    found = slack.channels_of(token)
    if settings_of(channel, SlackSettings).team_id != team_id:
        # Another Slack workspace: what was allowed there means nothing here.
        refresh_listing(actor, channel, [])
    set_fact(actor, channel, team_id=team_id, team=team)
    refresh_listing(actor, channel, found)


def _hubspot(actor: Actor, channel: Channel) -> None:
    set_fact(actor, channel, portal_id=hubspot.portal_of(_token_of(channel)))


def _mcp(actor: Actor, channel: Channel) -> None:
    refresh_listing(actor, channel, mcp_servers.offered(channel))


def _linkedin(actor: Actor, channel: Channel) -> None:
    account_id = settings_of(channel, LinkedinSettings).account_id
    try:
        account = Unipile().account(account_id)
    except Refused as refusal:
        raise Denied(refusal.sentence) from refusal
    if account.standing is Standing.CONNECTING:
        raise Unavailable("LinkedIn is connecting.", hint="Ask again in a minute.")
    if account.standing is not Standing.CONNECTED:
        raise Denied("LinkedIn no longer accepts this session. Connect it again.")
    set_fact(actor, channel, profile_name=account.name)
