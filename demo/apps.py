from django.apps import AppConfig


class DemoConfig(AppConfig):
    """What `make run` shows: made-up workspaces, and the pages of the mail sink. Only with DEMO."""

    name = "demo"
