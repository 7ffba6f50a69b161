from types import ModuleType

from django.apps import AppConfig


class CrmConfig(AppConfig):
    """Contacts, companies, notes, conversations, events and segments."""

    name = "crm"

    def ready(self) -> None:
        """Register every operation of this app, its triggers and its panels."""
        from core import ddl
        from crm import panels, search_index
        from crm.events import dirty_rollups
        from crm.membership import dirty_contacts
        from crm.queries.segments import SegmentPanel

        self.operation_modules = (*_reads(), *_writes())
        ddl.register(dirty_rollups.guards)
        ddl.register(dirty_contacts.guards)
        ddl.register(search_index.guards)
        panels.register(SegmentPanel())


def _reads() -> tuple[ModuleType, ...]:
    from crm.queries import (
        activity,
        aggregate,
        batch,
        companies,
        contact_events,
        contacts,
        conversations,
        event_stats,
        events,
        notes,
        segments,
        tasks,
        timeline,
    )

    return (
        companies,
        contact_events,
        contacts,
        notes,
        activity,
        aggregate,
        batch,
        conversations,
        event_stats,
        events,
        segments,
        tasks,
        timeline,
    )


def _writes() -> tuple[ModuleType, ...]:
    from crm.services import (
        companies,
        contacts,
        identify,
        ingest,
        notes,
        segments,
        stages,
        tasks,
    )

    return (companies, contacts, identify, ingest, notes, segments, stages, tasks)
