from django.apps import AppConfig


class OAuthConfig(AppConfig):
    """The authorization server, the resource server's front door, and connections."""

    name = "oauth"
    verbose_name = "OAuth"
    default_auto_field = "django.db.models.BigAutoField"
