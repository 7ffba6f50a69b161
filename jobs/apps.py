from django.apps import AppConfig

from core.discovery import import_modules_of


class JobsConfig(AppConfig):
    name = "jobs"

    def ready(self) -> None:
        import_modules_of("jobs.queries", "jobs.services")
