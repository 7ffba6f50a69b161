from django.apps import AppConfig


class PathboundConfig(AppConfig):
    """The shell: composes the apps, checks the installation, owns the Celery application."""

    name = "pathbound_mcp"
    label = "pathbound"
    verbose_name = "pathbound_mcp"

    def ready(self) -> None:
        from pathbound_mcp import (
            celery,  # noqa: F401 - shared tasks bind to this application
            checks,
        )

        checks.register_all()
