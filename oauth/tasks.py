"""Clean-up as Celery tasks; the schedule is beat's."""

from celery import shared_task

from oauth.services import cleanup


@shared_task
def clean_up() -> dict[str, int]:
    """Take away expired tokens, unused registrations and connections nobody finished."""
    return {
        "connections": cleanup.end_unfinished_connections(),
        "tokens": cleanup.delete_expired_tokens(),
        "registrations": cleanup.delete_unused_registrations(),
    }
