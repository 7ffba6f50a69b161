from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who may log in, and where."""

    name = "accounts"

    def ready(self) -> None:
        """Show this app's access grants, and let policies name one key."""
        from accounts import requesters
        from accounts.services import access_grants, api_keys

        requesters.register(api_keys.names_of)
        access_grants.register(api_keys.grants_of)
