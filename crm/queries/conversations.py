"""Reading conversations, each as far as its mailbox shares it (inbound-2)."""

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Left

from core.access import Scope
from core.actor import Actor
from core.answer_size import MOST_ROOM
from core.operations import Effect, operation
from crm.models import Message, Thread
from crm.models.conversation import MessageQuerySet, ThreadQuerySet
from crm.queries.contacts import present_contact
from crm.schemas.conversations import (
    Conversation,
    Conversations,
    EmailThread,
    EmailThreads,
    GetContactConversations,
    ListContactEmailThreads,
    MessageOut,
)

_EMAIL = ("gmail", "imap")
_SHOWN = 200
_ADDRESSES = 10
# Messages of each conversation and characters of each; the first pair that fits is used.
_MEASURES = ((20, 12_000), (20, 4000), (10, 1500), (5, 600), (3, 300), (1, 150), (0, 1))


@operation(
    "crm.contact.conversation.list",
    schema=GetContactConversations,
    scope=Scope.CONTACTS_READ,
    effect=Effect.READ,
)
def get_contact_conversations(actor: Actor, data: GetContactConversations) -> Conversations:
    """The contact's conversations by mail and Intercom, the latest first; raises NotFound."""
    present_contact(actor, data.contact_id)
    rows = present_threads(actor).filter(contact=data.contact_id)
    total = rows.count()
    threads = list(rows.order_by("-last_message_at", "-id")[: data.limit])
    omitted = max(total - data.limit, 0)
    answer = Conversations(
        conversations=_conversations(actor, threads),
        total_conversations=total,
        truncated=omitted > 0 or None,
        omitted=omitted or None,
        hint="Use a larger limit, up to 50." if omitted else None,
    )
    return _with_messages(actor, threads, answer) if data.include_messages else answer


@operation(
    "crm.contact.email_thread.list",
    schema=ListContactEmailThreads,
    scope=Scope.CONTACTS_READ,
    effect=Effect.READ,
)
def list_contact_email_threads(actor: Actor, data: ListContactEmailThreads) -> EmailThreads:
    """The contact's e-mail threads in one line each, the latest first; raises NotFound."""
    present_contact(actor, data.contact_id)
    rows = present_threads(actor).filter(contact=data.contact_id, source__in=_EMAIL)
    total = rows.count()
    own = Message.objects.filter(workspace=OuterRef("workspace"), thread=OuterRef("pk"))
    last = Subquery(own.order_by("-sent_at", "-id").values("pk")[:1])
    latest = rows.annotate(last_id=last).order_by("-last_message_at", "-id")
    found = latest.values_list("pk", "last_id", "subject", "last_message_at")[: data.limit]
    omitted = max(total - data.limit, 0)
    return EmailThreads(
        threads=[
            EmailThread(
                thread_id=str(pk),
                last_message_id=last_id,
                subject=subject[:_SHOWN] or None,
                last_message_at=last_message_at,
            )
            for pk, last_id, subject, last_message_at in found
        ],
        total_threads=total,
        truncated=omitted > 0 or None,
        omitted=omitted or None,
        hint="Use a larger limit, up to 100." if omitted else None,
    )


def present_threads(actor: Actor) -> ThreadQuerySet:
    """The conversations shared with the actor that are not deleted."""
    return Thread.objects.visible_to(actor).present()


def present_messages(actor: Actor) -> MessageQuerySet:
    """The messages of such conversations."""
    return Message.objects.visible_to(actor).present()


def _conversations(actor: Actor, threads: list[Thread]) -> list[Conversation]:
    rows = Message.objects.visible_to(actor).filter(thread__in=threads).order_by()
    counts = dict(rows.values_list("thread").annotate(number=Count("*")))
    return [
        Conversation(
            thread_id=str(row.pk),
            id=str(row.pk),
            channel=row.source,
            subject=row.subject[:_SHOWN] or None,
            sharing=row.sharing,
            message_count=counts.get(row.pk, 0),
            last_message_at=row.last_message_at,
        )
        for row in threads
    ]


def _with_messages(actor: Actor, threads: list[Thread], answer: Conversations) -> Conversations:
    """The answer with as many messages, as long, as it has room for; the same measure for all."""
    found = _latest(actor, threads, *_MEASURES[0])
    open_ones = {row.pk for row in threads if row.is_open_to(actor)}
    for number, letters in _MEASURES:
        for one in answer.conversations:
            rows = found.get(one.thread_id, [])[:number]
            one.messages = [
                _message(row, letters, is_open=row.thread_id in open_ones) for row in rows[::-1]
            ]
            one.omitted_messages = one.message_count - len(rows) or None
        if len(answer.model_dump_json(exclude_none=True)) <= MOST_ROOM:
            break
    if _is_shortened(answer):
        answer.truncated = True
        answer.hint = answer.hint or "Use a smaller limit for more and longer texts."
    return answer


def _is_shortened(answer: Conversations) -> bool:
    return any(
        one.omitted_messages or any(message.truncated for message in one.messages or [])
        for one in answer.conversations
    )


def _latest(
    actor: Actor, threads: list[Thread], number: int, letters: int
) -> dict[str, list[Message]]:
    """The latest messages of each conversation, newest first, in two queries for all of them.

    The first finds when each conversation's part begins, by index, however long it is.
    """
    own = Message.objects.filter(workspace=OuterRef("workspace"), thread=OuterRef("pk"))
    part = Subquery(own.order_by("-sent_at").values("sent_at")[number - 1 : number])
    begins = Thread.objects.visible_to(actor).filter(pk__in=[row.pk for row in threads])
    near = Q(pk__in=[])
    for thread, begin in begins.annotate(begin=part).values_list("pk", "begin"):
        near |= Q(thread=thread) & (Q() if begin is None else Q(sent_at__gte=begin))
    rows = Message.objects.visible_to(actor).filter(near)
    rows = rows.defer("body").annotate(begin=Left("body", letters + 1))
    found: dict[str, list[Message]] = {}
    for row in rows.order_by("-sent_at", "-id"):
        found.setdefault(str(row.thread_id), []).append(row)
    return found


def _message(row: Message, letters: int, *, is_open: bool) -> MessageOut:
    begin: str = row.begin  # type: ignore[attr-defined] # annotated above
    is_cut = len(begin) > letters
    shared = MessageOut(
        message_id=str(row.pk),
        sent_at=row.sent_at,
        direction=row.direction,
        subject=row.subject[:_SHOWN] or None,
        source="external" if row.direction == "in" else "person",
    )
    if not is_open:
        return shared.model_copy(update={"withheld": True})
    return shared.model_copy(
        update={
            "from_address": row.from_address,
            "to_addresses": row.to_addresses[:_ADDRESSES],
            "body": f"{begin[: letters - 1]}…" if is_cut else begin,
            "truncated": is_cut or None,
        }
    )
