from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who may log in, and where."""

    name = "accounts"

    def ready(self) -> None:
        """Show this app's doors, and let policies name one key."""
        from accounts import askers
        from accounts.services import api_keys, doors

        askers.register(api_keys.names_of)
        doors.register(api_keys.doors_of)
