from django.apps import AppConfig

from core.discovery import import_modules_of


class CrmConfig(AppConfig):
    name = "crm"

    def ready(self) -> None:
        from core import ddl
        from crm import panels, search_index
        from crm.events import dirty_rollups
        from crm.membership import dirty_contacts
        from crm.queries.segments import SegmentPanel

        import_modules_of("crm.queries", "crm.services")
        ddl.GUARDS.register(dirty_rollups.guards)
        ddl.GUARDS.register(dirty_contacts.guards)
        ddl.GUARDS.register(search_index.guards)
        panels.CONTACT_PANELS.register(SegmentPanel())
