from django.apps import AppConfig


class OAuthConfig(AppConfig):
    """The authorization server, the resource server's authentication, and connections."""

    name = "oauth"
    verbose_name = "OAuth"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let policies name one connection."""
        from accounts import requesters
        from oauth.services.connections import names_of

        requesters.register(names_of)
