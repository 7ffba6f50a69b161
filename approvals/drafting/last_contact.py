"""The last message from a contact, the last one that went out to him, and whether they talk."""

from datetime import datetime, timedelta

from approvals.models import Action
from approvals.vocabulary import Status
from crm.models import Contact, Message

LIVE = timedelta(days=7)


def is_live(workspace_id: str, thread_id: str | None, moment: datetime) -> bool:
    """Whether a message came or went in the conversation in the 7 days before (approvals-7)."""
    if not thread_id:
        return False
    rows = Message.objects.filter(workspace_id=workspace_id, thread_id=thread_id)
    return rows.filter(sent_at__gt=moment - LIVE).exists()


def last_from(contact: Contact) -> str:
    """The id of the last message that came in from the contact; empty when none did."""
    rows = Message.objects.filter(
        workspace_id=contact.workspace_id,
        thread__contact=contact,
        thread__deleted_at=None,
        direction="in",
    )
    return str(rows.order_by("-sent_at", "-id").values_list("pk", flat=True).first() or "")


def last_to(
    contact: Contact, *, but: Action | None = None, made_after: datetime | None = None
) -> str:
    """The id of the last action that wrote to the contact and was done; empty when none was.

    Of those made after a moment, where one is given.
    """
    rows = Action.objects.filter(
        workspace_id=contact.workspace_id,
        contact=contact,
        rendered__isnull=False,
        status=Status.COMPLETED,
    )
    if but is not None:
        rows = rows.exclude(pk=but.pk)
    if made_after is not None:
        rows = rows.filter(created_at__gt=made_after)
    return str(rows.order_by("-updated_at", "-id").values_list("pk", flat=True).first() or "")
