"""What became of the e-mails that were sent: conversations in the senders' mailboxes.

The e-mails themselves come from the ledger; the answers are written here by hand.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Workspace
from approvals.models import Action
from approvals.vocabulary import Status
from core import clock
from core.ids import new_id_at
from crm.models import Event, Message, Thread


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, so many hours after the e-mail, or when the contact's event says."""

    subject: str
    hours: float
    text: str
    event: str = ""


ANSWERS = (
    Answer(
        "Demo on Tuesday: what we will look at",
        5,
        """Hi Mia,

good plan. Weekends are dispatched by Lars, he will join. Please show him the sick call at six,
that is his life.

Ingrid""",
    ),
    Answer(
        "Was die App für 31 Monteure kostet",
        21,
        """Guten Tag Frau Moss,

danke, das ist klar. Donnerstag um zehn passt; unser Betriebsrat wird dabei sein wollen.

J. Wendt""",
    ),
    Answer(
        "Offline working: the setting you were looking for",
        1.5,
        "Found it, thanks! 80 it is.\n\nSanne",
    ),
    Answer(
        "Two new colleagues on the board",
        18,
        """Hi Mia,

yes, both on the list please. And one wish while I have you: could the job webhooks carry the van
number? Our import has to guess it now.

Sanne""",
    ),
    Answer(
        "Your trial, and what other facility teams try first",
        7,
        "Hello Mia,\n\nFriday is fine, after two. We took last week's call-outs for the Leeds "
        "building and noon was a mess, so I think it tells the truth.\n\nTom",
    ),
    Answer(
        "Price lock: what we can do",
        30,
        """Dear Rex,

send both to me, not to legal. 24 months will not be enough for the board, but I want to see the
wording.

Hannah Osei""",
    ),
    Answer(
        "The case study, for your eyes first",
        52,
        "Ada,\n\nlegal has it. From my side: leave the sentence as it is, use my name.\n\nMarcus",
    ),
    Answer(
        "A dispatcher's morning, at Bluegate",
        26,
        """Hi Mia,

every second one here too. But not now: we are merging two depots and nobody has a free hour. Come
back to me in February, and please no reminders until then.

Aoife""",
        event="email_reply",
    ),
)


def conversations(place: Workspace) -> int:
    """Make a conversation of each delivered e-mail of the demo that has none; returns how many.

    One that somebody deleted is still there, and is left alone.
    """
    sent = Action.objects.filter(
        workspace=place,
        type="email_message",
        status=Status.COMPLETED,
        client__connection_id="demo",
        contact__deleted_at=None,
    )
    made = 0
    for action in sent.select_related("contact", "identity__mailbox", "identity"):
        with transaction.atomic():
            made += _conversation(place, action)
    return made


def _conversation(place: Workspace, action: Action) -> bool:
    thread, is_new = Thread.objects.get_or_create(
        workspace=place,
        contact=action.contact,
        source="imap",
        external_id=f"demo-{action.pk}",
        defaults={
            "id": new_id_at("thr", _sent_at(action)),
            "subject": action.params["subject"],
            "owner_id": action.identity.user_id if action.identity else None,
            "last_message_at": _sent_at(action),
            "created_at": _sent_at(action),
        },
    )
    if is_new:
        messages = list(_messages(thread, action))
        Message.objects.bulk_create(messages)
        last = max(message.sent_at for message in messages)
        Thread.objects.filter(pk=thread.pk).update(last_message_at=last)
    return is_new


def _messages(thread: Thread, action: Action) -> Iterator[Message]:
    sent, receipt = _sent_at(action), action.receipt or {}
    ours = action.identity.mailbox.address if action.identity else ""
    theirs = thread.contact.email
    yield Message(
        id=new_id_at("msg", sent),
        workspace=thread.workspace,
        thread=thread,
        external_id=receipt["provider_id"],
        direction="out",
        from_address=ours,
        to_addresses=[theirs],
        subject=thread.subject,
        body=action.params["body"],
        sent_at=sent,
        created_at=sent,
    )
    for answer in (one for one in ANSWERS if one.subject == thread.subject):
        moment = _came_at(answer, thread, sent)
        if moment <= clock.now():
            yield Message(
                id=new_id_at("msg", moment),
                workspace=thread.workspace,
                thread=thread,
                external_id=f"<answer-{action.pk}@{theirs.partition('@')[2]}>",
                direction="in",
                from_address=theirs,
                to_addresses=[ours],
                subject=f"Re: {thread.subject}",
                body=answer.text,
                sent_at=moment,
                created_at=moment,
            )


def _sent_at(action: Action) -> datetime:
    return action.runs_at or action.updated_at


def _came_at(answer: Answer, thread: Thread, sent: datetime) -> datetime:
    """When the answer came: as the contact's own event says, if it has one."""
    events = Event.objects.filter(workspace=thread.workspace, contact=thread.contact)
    told = events.filter(event=answer.event, timestamp__gt=sent).order_by("timestamp").first()
    return told.timestamp if told else sent + timedelta(hours=answer.hours)
