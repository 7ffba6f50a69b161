"""A sender's mailbox on a real IMAP server: read on, once, and only what is about contacts."""

from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

import pytest

from accounts.models import Workspace
from core import clock
from core.access import Role
from core.errors import Conflict
from crm.models import Contact, Message, Thread
from identities import channels, inbound
from identities.inbound import InboundMail
from identities.inbox import sync
from identities.models import Mailbox, MailFolder
from tests import factories, imap
from tests.imap import ImapServer, needs_imap

pytestmark = [pytest.mark.slow, needs_imap, pytest.mark.django_db]
ADA = "mia.moss@acme.example"
CHECK = "mx.acme.example; dmarc=pass header.from=umbrella.example"


@pytest.fixture(scope="module")
def server() -> Iterator[ImapServer]:
    with imap.running() as started:
        yield started


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[InboundMail]:
    """Collects the mails that upper apps are notified of."""
    told: list[InboundMail] = []
    monkeypatch.setattr(inbound, "CONSUMERS", [told.append])
    return told


class Post:
    """A workspace with a contact and a sender whose mailbox is on the server."""

    def __init__(self, server: ImapServer, user: str) -> None:
        self.server, self.user = server, user
        self.place: Workspace = factories.workspace()
        membership = factories.member(self.place, "Mia", Role.MEMBER)
        self.ana: Contact = factories.contact(self.place)
        self.mailbox: Mailbox = factories.sender(self.place, membership).mailbox
        self.mailbox.imap_host, self.mailbox.imap_port = "127.0.0.1", server.port
        self.mailbox.imap_security = "none"
        self.mailbox.smtp_username = user
        self.mailbox.checked_by = "mx.acme.example"
        self.mailbox.smtp_password = channels.sealed(self.mailbox, imap.PASSWORD)
        self.mailbox.save()

    def arrive(self, folder: str = "INBOX", **facts: Any) -> None:
        """A message in the mailbox; header names with underscores."""
        message = EmailMessage()
        told = {"From": self.ana.email, "To": ADA, "Subject": "Re: Prices"} | facts
        body = told.pop("body", "Yes, Tuesday works.")
        told.setdefault("Date", format_datetime(clock.now()))
        for name, value in told.items():
            message[name.replace("_", "-")] = value
        message.set_content(body)
        self.server.put(self.user, message.as_bytes(), folder)

    def ours(self, message_id: str) -> None:
        """A message that went out from here."""
        self.arrive("Sent Items", Message_ID=message_id, From=ADA, To=self.ana.email)
        sync.sync(self.mailbox)


@pytest.fixture
def post(server: ImapServer, request: Any, settings: Any) -> Post:
    settings.OUTBOUND_PRIVATE_HOSTS = [f"127.0.0.1:{server.port}"]
    return Post(server, request.node.name.replace("[", "_").replace("]", ""))


def test_a_contacts_mail_becomes_a_conversation_once(post: Post) -> None:
    post.arrive(Message_ID="<one@umbrella.example>")
    assert sync.sync(post.mailbox).kept == 1
    assert sync.sync(post.mailbox).read == 0
    post.arrive(Message_ID="<two@umbrella.example>", References="<one@umbrella.example>")
    assert sync.sync(post.mailbox).kept == 1

    thread = Thread.objects.get(contact=post.ana)
    assert (thread.sharing, thread.owner_id) == (
        "subject_and_time",
        post.mailbox.identity.user_id,
    )
    assert [row.external_id for row in thread.messages.order_by("sent_at", "id")] == [
        "one@umbrella.example",
        "two@umbrella.example",
    ]


def test_reading_leaves_the_mailbox_as_it_was(post: Post) -> None:
    post.arrive(Message_ID="<one@umbrella.example>")
    sync.sync(post.mailbox)
    assert "Seen" not in "".join(post.server.flags(post.user))


def test_mail_of_unknown_people_and_our_own_is_not_kept(
    post: Post, heard: list[InboundMail]
) -> None:
    factories.contact(post.place, "boss@acme.example", name="The Boss")
    post.arrive(Message_ID="<s@x.example>", From="stranger@x.example")
    post.arrive(Message_ID="<i@acme.example>", From="boss@acme.example")
    post.arrive("Sent Items", Message_ID="<o@acme.example>", From=ADA, To="boss@acme.example")
    assert sync.sync(post.mailbox).kept == 0
    assert (Message.objects.count(), heard) == (0, [])


def test_a_checked_answer_to_our_mail_is_verified(post: Post, heard: list[InboundMail]) -> None:
    post.ours("<ours@acme.example>")
    post.arrive(
        Message_ID="<r@umbrella.example>",
        In_Reply_To="<ours@acme.example>",
        Authentication_Results=CHECK,
    )
    sync.sync(post.mailbox)
    assert Message.objects.get(external_id="r@umbrella.example").verified
    assert [(told.kind, told.address, told.verified) for told in heard] == [
        ("replied", post.ana.email, True)
    ]
    assert Thread.objects.count() == 1, "the answer joins our message's thread"


@pytest.mark.parametrize(
    "doubt",
    [
        {"Authentication_Results": "mx.acme.example; dmarc=fail header.from=umbrella.example"},
        {"Authentication_Results": CHECK.replace("umbrella", "evil")},
        {"Authentication_Results": CHECK.replace("mx.acme", "mx.evil")},
        {"Authentication_Results": CHECK, "In_Reply_To": "<never-sent@acme.example>"},
    ],
    ids=["failed", "other-domain", "other-server", "not-ours"],
)
def test_a_doubtful_answer_is_told_but_not_verified(
    post: Post, heard: list[InboundMail], doubt: dict[str, str]
) -> None:
    post.ours("<ours@acme.example>")
    given = {"Message_ID": "<r@umbrella.example>", "In_Reply_To": "<ours@acme.example>"} | doubt
    post.arrive(**given)
    sync.sync(post.mailbox)
    assert not Message.objects.get(external_id="r@umbrella.example").verified
    assert [(told.kind, told.verified) for told in heard] == [("replied", False)]


def test_an_absence_note_is_kept_and_is_no_reply(post: Post, heard: list[InboundMail]) -> None:
    post.arrive(Message_ID="<away@umbrella.example>", Auto_Submitted="auto-replied")
    assert sync.sync(post.mailbox).kept == 1
    assert Message.objects.get().automatic
    assert heard == []


def test_a_new_numbering_starts_over_without_doubles(post: Post, heard: list[InboundMail]) -> None:
    post.arrive(Message_ID="<one@umbrella.example>")
    sync.sync(post.mailbox)
    before = MailFolder.objects.get(role="inbox").uid_validity
    post.server.renumber(post.user)
    post.arrive(Message_ID="<two@umbrella.example>")
    sync.sync(post.mailbox)
    assert MailFolder.objects.get(role="inbox").uid_validity != before
    assert Message.objects.count() == 2
    assert len(heard) == 2


def test_two_readers_at_once_keep_a_message_once(post: Post, heard: list[InboundMail]) -> None:
    post.arrive(Message_ID="<one@umbrella.example>")
    place = sync._folder(post.mailbox, "inbox", 1)
    sync._moved(place, 7)
    place.last_uid = 0
    with pytest.raises(Conflict):
        sync._moved(place, 7)


def test_a_clock_ahead_does_not_date_a_message_into_the_future(post: Post) -> None:
    ahead = format_datetime(clock.now() + timedelta(days=400))
    post.arrive(Message_ID="<one@umbrella.example>", Date=ahead)
    sync.sync(post.mailbox)
    assert Message.objects.get().sent_at <= clock.now()


def test_a_wrong_password_pauses_the_mailbox_and_not_the_others(
    post: Post, server: ImapServer
) -> None:
    post.mailbox.smtp_password = channels.sealed(post.mailbox, "wrong")
    post.mailbox.save()
    other = factories.sender(factories.workspace("Globex")).mailbox
    Mailbox.objects.filter(pk=other.pk).update(
        imap_host="127.0.0.1",
        imap_port=server.port,
        imap_security="none",
        smtp_username=f"{post.user}-other",
        smtp_password=channels.sealed(other, imap.PASSWORD),
    )
    sync.sync_due()
    assert Mailbox.objects.get(pk=post.mailbox.pk).is_paused
    assert MailFolder.objects.filter(mailbox=other).exists()
    post.server.put(post.user, b"Message-ID: <x@y.example>\r\nFrom: a@b.example\r\n\r\nhi")
    sync.sync_due()
    assert not MailFolder.objects.filter(mailbox=post.mailbox).exists()
