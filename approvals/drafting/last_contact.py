"""The last message from and to a contact, and whether a conversation is live."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Subquery

from approvals.models import Action
from approvals.vocabulary import Status
from crm.models import Contact, Message

LIVE = timedelta(days=7)


def is_live(workspace_id: str, thread_id: str | None, moment: datetime) -> bool:
    """Whether the conversation had a message in the last 7 days (approvals-7)."""
    if not thread_id:
        return False
    rows = Message.objects.filter(workspace_id=workspace_id, thread_id=thread_id)
    return rows.filter(sent_at__gt=moment - LIVE).exists()


@dataclass(frozen=True, slots=True)
class Latest:
    """The ids of the last message from a contact and of the last completed message to the contact;
    empty if there was none.
    """

    heard: str
    sent: str


def latest(
    workspace_id: str,
    contact_id: str,
    *,
    but: Action | None = None,
    made_after: datetime | None = None,
) -> Latest:
    """The last ones, in one statement; actions except one, made after a moment."""
    messages = Message.objects.filter(
        workspace_id=workspace_id,
        thread__contact=contact_id,
        thread__deleted_at=None,
        direction="in",
    )
    actions = Action.objects.filter(
        workspace_id=workspace_id,
        contact=contact_id,
        rendered__isnull=False,
        status=Status.COMPLETED,
    )
    if but is not None:
        actions = actions.exclude(pk=but.pk)
    if made_after is not None:
        actions = actions.filter(created_at__gt=made_after)
    heard, sent = Contact.objects.values_list(
        Subquery(messages.order_by("-sent_at", "-id").values("pk")[:1]),
        Subquery(actions.order_by("-updated_at", "-id").values("pk")[:1]),
    ).get(pk=contact_id)
    return Latest(heard=str(heard or ""), sent=str(sent or ""))
