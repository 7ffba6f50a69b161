from django.apps import AppConfig

from core.discovery import import_modules_of


class IdentitiesConfig(AppConfig):
    name = "identities"

    def ready(self) -> None:
        from accounts import notification_channels
        from accounts.services import access_grants
        from identities.providers.slack.notices import SlackCarrier
        from identities.queries import linkedin
        from identities.services import connections, mailboxes, sending_limits
        from identities.services.linkedin import starting
        from identities.services.linkedin.job_runner import run_login
        from jobs import runners

        notification_channels.CARRIERS.register(SlackCarrier())
        access_grants.SOURCES.register(mailboxes.grants_of)
        access_grants.SOURCES.register(connections.grants_of)
        access_grants.SOURCES.register(sending_limits.grants_of)
        runners.register(starting.KIND, run_login, title="LinkedIn login", asks=linkedin.ask_of)
        import_modules_of("identities.queries", "identities.services")
