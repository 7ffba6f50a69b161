from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who may log in, and where."""

    name = "accounts"

    def ready(self) -> None:
        """Show this app's doors."""
        from accounts.services import api_keys, doors

        doors.register(api_keys.doors_of)
