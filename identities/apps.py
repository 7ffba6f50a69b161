from django.apps import AppConfig


class IdentitiesConfig(AppConfig):
    """Senders and their channels."""

    name = "identities"

    def ready(self) -> None:
        """Register its operations, its doors, its runner, and what carries notices."""
        from accounts import carriers
        from accounts.services import doors
        from identities.queries import identities, linkedin
        from identities.services import connections, limits, mailboxes
        from identities.services import identities as changes
        from identities.services.linkedin import checking, starting
        from identities.services.linkedin.turns import run_login
        from identities.slack_notices import SlackCarrier
        from jobs import runners

        carriers.register(SlackCarrier())
        doors.register(mailboxes.doors_of)
        doors.register(connections.doors_of)
        doors.register(limits.doors_of)
        runners.register(starting.KIND, run_login, title="LinkedIn login", asks=linkedin.ask_of)
        self.operation_modules = (identities, linkedin, changes, starting, checking)
