from django.apps import AppConfig


class IdentitiesConfig(AppConfig):
    """Senders and their channels."""

    name = "identities"

    def ready(self) -> None:
        """Register every operation of this app."""
        from identities.queries import identities
        from identities.services import identities as changes

        self.operation_modules = (identities, changes)
