from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Long jobs and schedules."""

    name = "jobs"
