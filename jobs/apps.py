from django.apps import AppConfig

from core.discovery import import_modules_of


class JobsConfig(AppConfig):
    """Long jobs and schedules."""

    name = "jobs"

    def ready(self) -> None:
        """Register every operation of this app."""
        import_modules_of("jobs.queries", "jobs.services")
