"""Records of every workspace for operators, to look at."""

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from crm.models import Company, Contact, Event, Note


@admin.register(Contact)
class ContactAdmin(ReadOnlyAdmin):
    """Contacts, newest first."""

    list_display = ("email", "full_name", "company", "lifecyclestage", "workspace", "deleted_at")
    list_filter = ("lifecyclestage", "is_enriched", "creation_source", "workspace")
    list_select_related = ("company", "workspace")
    search_fields = ("id__exact", "email", "firstname", "lastname")
    ordering = ("-created_at",)


@admin.register(Company)
class CompanyAdmin(ReadOnlyAdmin):
    """Companies, newest first."""

    list_display = ("name", "domain", "industry", "country", "workspace", "deleted_at")
    list_filter = ("lifecyclestage", "workspace")
    list_select_related = ("workspace",)
    search_fields = ("id__exact", "name", "domain")
    ordering = ("-created_at",)


@admin.register(Note)
class NoteAdmin(ReadOnlyAdmin):
    """Notes, newest first."""

    list_display = ("id", "source", "author_name", "contact", "company", "workspace", "created_at")
    list_filter = ("source", "workspace")
    list_select_related = ("contact", "company", "workspace")
    search_fields = ("id__exact", "author_name", "contact__email")
    ordering = ("-created_at",)


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """Events, newest first."""

    list_display = ("timestamp", "event", "source", "contact", "path", "is_bot", "workspace")
    list_filter = ("event", "source", "is_bot", "workspace")
    list_select_related = ("contact", "workspace")
    search_fields = ("id__exact", "visitor_id", "contact__email")
    ordering = ("-timestamp",)
