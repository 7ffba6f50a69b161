from django.apps import AppConfig


class IdentitiesConfig(AppConfig):
    """Senders and their channels."""

    name = "identities"
