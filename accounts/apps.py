from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who may log in, and where."""

    name = "accounts"
