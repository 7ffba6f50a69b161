"""Records of every workspace, read-only for operators."""

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from crm.models import (
    Company,
    Contact,
    DirtyBucket,
    DirtyContact,
    Event,
    EventKey,
    ExternalId,
    Message,
    Note,
    NoteVersion,
    Rollup,
    Segment,
    SegmentLock,
    SegmentMember,
    StageChange,
    Task,
    Thread,
    Visitor,
)


@admin.register(Contact)
class ContactAdmin(ReadOnlyAdmin):
    list_display = ("email", "full_name", "company", "lifecyclestage", "workspace", "deleted_at")
    list_filter = ("lifecyclestage", "is_enriched", "creation_source")
    search_fields = ("id__exact", "email", "firstname", "lastname")
    ordering = ("-created_at",)


@admin.register(Company)
class CompanyAdmin(ReadOnlyAdmin):
    list_display = ("name", "domain", "industry", "country", "workspace", "deleted_at")
    list_filter = ("lifecyclestage",)
    search_fields = ("id__exact", "name", "domain")
    ordering = ("-created_at",)


@admin.register(Note)
class NoteAdmin(ReadOnlyAdmin):
    list_display = ("id", "source", "author_name", "contact", "company", "workspace", "created_at")
    list_filter = ("source",)
    search_fields = ("id__exact", "author_name", "contact__email")
    ordering = ("-created_at",)


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("timestamp", "event", "source", "contact", "path", "is_bot", "workspace")
    list_filter = ("event", "source", "is_bot")
    search_fields = ("id__exact", "visitor_id", "contact__email")
    ordering = ("-timestamp",)


@admin.register(NoteVersion)
class NoteVersionAdmin(ReadOnlyAdmin):
    list_display = ("note", "version", "source", "author_name", "workspace", "replaced_at")
    list_filter = ("source",)
    search_fields = ("id__exact", "note__id__exact", "author_name")
    ordering = ("-replaced_at",)


@admin.register(Thread)
class ThreadAdmin(ReadOnlyAdmin):
    exclude = ("subject",)  # private to the mailbox owner
    list_display = ("id", "source", "contact", "sharing", "workspace", "last_message_at")
    list_filter = ("source", "sharing")
    search_fields = ("id__exact", "external_id", "contact__email")
    ordering = ("-last_message_at",)


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """Messages of conversations, newest first; their words are their owner's to share."""

    exclude = ("subject", "body", "from_address", "to_addresses")
    list_display = ("id", "direction", "thread", "workspace", "sent_at")
    list_filter = ("direction",)
    search_fields = ("id__exact", "external_id")
    ordering = ("-sent_at",)


@admin.register(Segment)
class SegmentAdmin(ReadOnlyAdmin):
    list_display = ("name", "contact_count", "as_of", "stale", "workspace", "deleted_at")
    list_filter = ("stale",)
    search_fields = ("id__exact", "name")
    ordering = ("-created_at",)


@admin.register(SegmentMember)
class SegmentMemberAdmin(ReadOnlyAdmin):
    list_display = ("segment", "contact", "workspace")
    search_fields = ("segment__name", "contact__email")
    ordering = ("-id",)


@admin.register(Visitor)
class VisitorAdmin(ReadOnlyAdmin):
    list_display = ("visitor_id", "contact", "confirmed", "workspace", "created_at")
    list_filter = ("confirmed",)
    search_fields = ("id__exact", "visitor_id", "contact__email")
    ordering = ("-created_at",)


@admin.register(ExternalId)
class ExternalIdAdmin(ReadOnlyAdmin):
    list_display = ("system", "external_id", "contact", "workspace", "created_at")
    list_filter = ("system",)
    search_fields = ("id__exact", "external_id", "contact__email")
    ordering = ("-created_at",)


@admin.register(StageChange)
class StageChangeAdmin(ReadOnlyAdmin):
    list_display = ("contact", "before", "after", "by", "workspace", "at")
    list_filter = ("after",)
    search_fields = ("id__exact", "contact__email", "by")
    ordering = ("-at",)


@admin.register(Task)
class TaskAdmin(ReadOnlyAdmin):
    list_display = ("title", "assignee", "due_at", "done_at", "workspace", "created_at")
    list_filter = ("source",)
    search_fields = ("id__exact", "title")
    ordering = ("-created_at",)


@admin.register(Rollup)
class RollupAdmin(ReadOnlyAdmin):
    list_display = ("bucket", "event", "is_bot", "count", "workspace")
    list_filter = ("is_bot",)
    search_fields = ("event",)
    ordering = ("-bucket", "event")


@admin.register(DirtyBucket)
class DirtyBucketAdmin(ReadOnlyAdmin):
    list_display = ("bucket", "marks", "workspace")
    search_fields = ("workspace__name",)
    ordering = ("-bucket",)


@admin.register(EventKey)
class EventKeyAdmin(ReadOnlyAdmin):
    list_display = ("source", "source_key", "event_id", "workspace", "created_at")
    list_filter = ("source",)
    search_fields = ("source_key",)
    ordering = ("-created_at",)


@admin.register(SegmentLock)
class SegmentLockAdmin(ReadOnlyAdmin):
    list_display = ("workspace", "holder", "until")
    ordering = ("-until",)


@admin.register(DirtyContact)
class ContactMarkAdmin(ReadOnlyAdmin):
    list_display = ("contact_id", "workspace")
    search_fields = ("contact_id",)
    ordering = ("-id",)
