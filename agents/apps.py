from django.apps import AppConfig


class AgentsConfig(AppConfig):
    """Workers that look at contacts and propose actions."""

    name = "agents"
