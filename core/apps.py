from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate, pre_migrate

        from core import ddl

        pre_migrate.connect(ddl.lift_time_limit, dispatch_uid="core.ddl.lift_time_limit")
        post_migrate.connect(ddl.apply, dispatch_uid="core.ddl")
        post_migrate.connect(ddl.restore_time_limit, dispatch_uid="core.ddl.restore_time_limit")
