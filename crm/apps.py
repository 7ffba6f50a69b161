from django.apps import AppConfig


class CrmConfig(AppConfig):
    """Contacts, companies, notes and events."""

    name = "crm"

    def ready(self) -> None:
        """Register every operation of this app, and its triggers."""
        from core import ddl
        from crm import panels
        from crm.events import marks
        from crm.membership import marks as contact_marks
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
            timeline,
        )
        from crm.queries import tasks as task_queries
        from crm.services import companies as company_services
        from crm.services import contacts as contact_services
        from crm.services import deletions, identify, ingest, stages, tasks
        from crm.services import notes as note_services
        from crm.services import segments as segment_services

        self.operation_modules = (
            companies,
            contact_events,
            contacts,
            notes,
            company_services,
            contact_services,
            deletions,
            identify,
            note_services,
            activity,
            aggregate,
            event_stats,
            events,
            ingest,
            batch,
            conversations,
            timeline,
            segments,
            segment_services,
            task_queries,
            stages,
            tasks,
        )
        ddl.register(marks.guards)
        ddl.register(contact_marks.guards)
        panels.register(segments.SegmentPanel())
