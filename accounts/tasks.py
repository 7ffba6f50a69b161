from celery import shared_task

from accounts.services import audit_trail


@shared_task(name="accounts.tasks.verify_audit")
def verify_audit() -> None:
    """Verify every audit chain; the workspace's admins are notified of a broken one."""
    audit_trail.check_all()
