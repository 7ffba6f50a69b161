"""Reading the senders' mailboxes as a Celery task; the schedule is beat's."""

from celery import shared_task

from identities.inbox import sync


@shared_task
def read_mailboxes() -> int:
    """Read every mailbox on; returns how many messages were kept."""
    return sync.sync_due()
