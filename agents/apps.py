from types import ModuleType

from django.apps import AppConfig


class AgentsConfig(AppConfig):
    """Workers that look at contacts and propose actions."""

    name = "agents"

    def ready(self) -> None:
        """Register every operation of this app, its runner and its access grants."""
        from accounts import requesters
        from accounts.services import access_grants
        from agents.queries.agents import names_of
        from agents.services import allowed_providers
        from agents.services.run_executor import run_agent
        from agents.services.triggering import KIND
        from jobs import runners

        self.operation_modules = _operations()
        runners.register(KIND, run_agent, title="Agent run", stays=True)
        access_grants.register(allowed_providers.grants_of)
        requesters.register(names_of)


def _operations() -> tuple[ModuleType, ...]:
    from agents.queries import agents as reading
    from agents.queries import runs
    from agents.services import agents, run_decisions, triggering

    return (reading, runs, agents, run_decisions, triggering)
