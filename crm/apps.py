from django.apps import AppConfig


class CrmConfig(AppConfig):
    """Contacts, companies, notes and events."""

    name = "crm"

    def ready(self) -> None:
        """Register every operation of this app."""
        from crm.queries import contacts, notes
        from crm.services import contacts as contact_services
        from crm.services import notes as note_services

        self.operation_modules = (contacts, notes, contact_services, note_services)
