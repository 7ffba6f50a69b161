from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate, pre_migrate

        from core import ddl

        pre_migrate.connect(ddl.take_time, dispatch_uid="core.ddl.take_time")
        post_migrate.connect(ddl.apply, dispatch_uid="core.ddl")
        post_migrate.connect(ddl.hurry_again, dispatch_uid="core.ddl.hurry_again")
