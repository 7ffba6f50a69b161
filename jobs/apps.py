from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Long jobs and schedules."""

    name = "jobs"

    def ready(self) -> None:
        """Register every operation of this app."""
        from jobs.queries import jobs
        from jobs.services import jobs as changes

        self.operation_modules = (jobs, changes)
