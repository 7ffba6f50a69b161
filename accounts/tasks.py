from celery import shared_task

from accounts.services import audit_trail


@shared_task(name="accounts.tasks.verify_audit")
def verify_audit() -> None:
    """Look at every audit chain; a fault is told to the workspace's admins."""
    audit_trail.check_all()
