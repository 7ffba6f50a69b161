"""Clean-up as Celery tasks; the schedule is beat's."""

from celery import shared_task

from oauth.services import cleanup


@shared_task
def clean_up() -> dict[str, int]:
    """Delete expired tokens, unused registrations and unfinished connections."""
    return {
        "connections": cleanup.end_unfinished_connections(),
        "tokens": cleanup.delete_expired_tokens(),
        "registrations": cleanup.delete_unused_registrations(),
    }
