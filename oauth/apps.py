from django.apps import AppConfig


class OAuthConfig(AppConfig):
    name = "oauth"
    verbose_name = "OAuth"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import requesters
        from oauth.services.connections import names_of

        requesters.SOURCES.register(names_of)
