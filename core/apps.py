from django.apps import AppConfig


class CoreConfig(AppConfig):
    """The kernel."""

    name = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from core import ddl

        post_migrate.connect(ddl.apply, dispatch_uid="core.ddl")
