from django.apps import AppConfig

from core.discovery import import_modules_of


class AgentsConfig(AppConfig):
    name = "agents"

    def ready(self) -> None:
        from accounts import requesters
        from accounts.services import access_grants
        from agents.queries.agents import names_of
        from agents.services import allowed_providers
        from agents.services.run_executor import run_agent
        from agents.services.triggering import KIND
        from jobs import runners

        import_modules_of("agents.queries", "agents.services")
        runners.register(KIND, run_agent, title="Agent run", stays=True)
        access_grants.SOURCES.register(allowed_providers.grants_of)
        requesters.SOURCES.register(names_of)
