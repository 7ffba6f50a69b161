"""`python -m tests.pages.work`: does every job that waits, once, and ends."""

import django


def main() -> None:
    """Job by job, the oldest first."""
    django.setup()
    from jobs import execution
    from jobs.models import Job
    from jobs.models.job import OPEN

    waiting = Job.objects.filter(status__in=OPEN).order_by("created_at")
    for job_id in waiting.values_list("pk", flat=True):
        execution.run(str(job_id))


if __name__ == "__main__":
    main()
