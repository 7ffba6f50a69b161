from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The REST surface: declarations only."""

    name = "api"
