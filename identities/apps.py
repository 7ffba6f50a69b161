from django.apps import AppConfig


class IdentitiesConfig(AppConfig):
    """Senders and their channels."""

    name = "identities"

    def ready(self) -> None:
        """Register every operation of this app."""
        from accounts import carriers
        from accounts.services import doors
        from identities.queries import identities
        from identities.services import connections, mailboxes
        from identities.services import identities as changes
        from identities.slack_notices import SlackCarrier

        carriers.register(SlackCarrier())
        doors.register(mailboxes.doors_of)
        doors.register(connections.doors_of)
        self.operation_modules = (identities, changes)
