from django.apps import AppConfig

from core.discovery import import_modules_of


class IdentitiesConfig(AppConfig):
    name = "identities"

    def ready(self) -> None:
        from accounts import notification_channels
        from accounts.services import access_grants
        from identities.providers.linkedin.login import queries, starting
        from identities.providers.linkedin.login.job_runner import run_login
        from identities.providers.slack.notices import SlackNotices
        from identities.services import connections, mailboxes, sending_limits
        from jobs import runners

        notification_channels.CHANNELS.register(SlackNotices())
        access_grants.SOURCES.register(mailboxes.grants_of)
        access_grants.SOURCES.register(connections.grants_of)
        access_grants.SOURCES.register(sending_limits.grants_of)
        runners.register(starting.KIND, run_login, title="LinkedIn login", asks=queries.ask_of)
        import_modules_of(
            "identities.providers.linkedin.login", "identities.queries", "identities.services"
        )
