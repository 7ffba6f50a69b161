"""Reading the senders' mailboxes as a Celery task; the schedule is beat's."""

from celery import shared_task

from identities.inbox import sync


@shared_task
def read_mailboxes() -> int:
    """Read new mail of every mailbox; returns the number of messages stored."""
    return sync.sync_due()
