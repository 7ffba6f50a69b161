from django.apps import AppConfig


class CrmConfig(AppConfig):
    """Contacts, companies, notes and events."""

    name = "crm"
