"""Answering in a conversation: whom it may go to, what it hangs on, which links are no surprise."""

from dataclasses import dataclass

from core.actor import Actor
from core.errors import ValidationFailed
from crm.models import Thread
from crm.queries.conversations import present_messages, present_threads
from identities.models import Mailbox
from identities.providers.contract import Addressee
from identities.providers.email.schemas import EmailMessage
from identities.providers.rendering import link_domains, links_of

_READ = 200  # of the latest messages


@dataclass(frozen=True, slots=True)
class Answered:
    """A conversation that is answered. `root` is the message id every later one refers to: it does
    not change when another message arrives, so what was approved stays what is sent.
    """

    contact_id: str
    root: str
    participants: frozenset[str]
    link_domains: frozenset[str]


def answered_thread(actor: Actor, thread_id: str) -> Answered:
    """The e-mail conversation; raises NotFound, and ValidationFailed for one of another kind.

    Whether it is open to whoever drafts is asked once, when it is drafted (proposals.check_thread):
    who decides need not be who may read the mailbox.
    """
    system = Actor.for_job("approvals.threads", actor.workspace_id)
    thread: Thread = present_threads(system).select_related("contact").one(thread_id, "thread")
    if thread.source == "intercom":
        raise ValidationFailed("This is not an e-mail conversation.", field="thread_id")
    rows = present_messages(system).filter(thread=thread).order_by("-sent_at")[:_READ]
    people, hosts = {thread.contact.email}, set[str]()
    for row in rows:
        people |= {row.from_address, *row.to_addresses}
        hosts |= set(link_domains(links_of(row.body)))
    ours = set(Mailbox.objects.visible_to(actor).values_list("address", flat=True))
    return Answered(
        contact_id=str(thread.contact_id),
        root=thread.external_id,
        participants=frozenset(people - ours),
        link_domains=frozenset(hosts),
    )


def with_recipient(params: EmailMessage, thread: Answered | None) -> EmailMessage:
    """The params with the conversation's contact where nobody else is named."""
    if thread is None or params.to or params.contact_id:
        return params
    return params.model_copy(update={"contact_id": thread.contact_id})


def check_participants(addressees: list[Addressee], thread: Answered) -> None:
    """Raise ValidationFailed for a recipient who has no part in the conversation (sending-4)."""
    if any(row.address not in thread.participants for row in addressees):
        raise ValidationFailed(
            "A reply can go only to participants of the conversation.",
            hint="Omit thread_id to write to someone else.",
            field="thread_id",
        )
