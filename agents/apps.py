from types import ModuleType

from django.apps import AppConfig


class AgentsConfig(AppConfig):
    """Workers that look at contacts and propose actions."""

    name = "agents"

    def ready(self) -> None:
        """Register every operation of this app, its runner and its doors."""
        from accounts import askers
        from accounts.services import doors
        from agents.queries.agents import names_of
        from agents.services import permits
        from agents.services.triggering import KIND
        from agents.services.working import run_agent
        from jobs import runners

        self.operation_modules = _operations()
        runners.register(KIND, run_agent, title="Agent run", stays=True)
        doors.register(permits.doors_of)
        askers.register(names_of)


def _operations() -> tuple[ModuleType, ...]:
    from agents.queries import agents as reading
    from agents.queries import runs
    from agents.services import agents, judging, triggering

    return (reading, runs, agents, judging, triggering)
