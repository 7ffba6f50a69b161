"""Records of every workspace for operators, to look at."""

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


@admin.register(NoteVersion)
class NoteVersionAdmin(ReadOnlyAdmin):
    """What notes said before an edit."""

    list_display = ("note", "version", "source", "author_name", "workspace", "replaced_at")
    list_filter = ("source", "workspace")
    list_select_related = ("note", "workspace")
    search_fields = ("id__exact", "note__id__exact", "author_name")
    ordering = ("-replaced_at",)


@admin.register(Thread)
class ThreadAdmin(ReadOnlyAdmin):
    """Conversations, the latest first. What a mailbox keeps to its owner is not shown here."""

    exclude = ("subject",)
    list_display = ("id", "source", "contact", "sharing", "workspace", "last_message_at")
    list_filter = ("source", "sharing", "workspace")
    list_select_related = ("contact", "workspace")
    search_fields = ("id__exact", "external_id", "contact__email")
    ordering = ("-last_message_at",)


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """Messages of conversations, newest first; their words are their owner's to share."""

    exclude = ("subject", "body", "from_address", "to_addresses")
    list_display = ("id", "direction", "thread", "workspace", "sent_at")
    list_filter = ("direction", "workspace")
    list_select_related = ("thread", "workspace")
    search_fields = ("id__exact", "external_id")
    ordering = ("-sent_at",)


@admin.register(Segment)
class SegmentAdmin(ReadOnlyAdmin):
    """Segments, newest first."""

    list_display = ("name", "contact_count", "as_of", "stale", "workspace", "deleted_at")
    list_filter = ("stale", "workspace")
    list_select_related = ("workspace",)
    search_fields = ("id__exact", "name")
    ordering = ("-created_at",)


@admin.register(SegmentMember)
class SegmentMemberAdmin(ReadOnlyAdmin):
    """Who is in which segment."""

    list_display = ("segment", "contact", "workspace")
    list_filter = ("workspace",)
    list_select_related = ("segment", "contact", "workspace")
    search_fields = ("segment__name", "contact__email")
    ordering = ("-id",)


@admin.register(Visitor)
class VisitorAdmin(ReadOnlyAdmin):
    """Browsers that are known to be a contact's."""

    list_display = ("visitor_id", "contact", "confirmed", "workspace", "created_at")
    list_filter = ("confirmed", "workspace")
    list_select_related = ("contact", "workspace")
    search_fields = ("id__exact", "visitor_id", "contact__email")
    ordering = ("-created_at",)


@admin.register(ExternalId)
class ExternalIdAdmin(ReadOnlyAdmin):
    """Ids that other systems have for contacts."""

    list_display = ("system", "external_id", "contact", "workspace", "created_at")
    list_filter = ("system", "workspace")
    list_select_related = ("contact", "workspace")
    search_fields = ("id__exact", "external_id", "contact__email")
    ordering = ("-created_at",)


@admin.register(StageChange)
class StageChangeAdmin(ReadOnlyAdmin):
    """Steps of contacts' lifecycles, newest first."""

    list_display = ("contact", "before", "after", "by", "workspace", "at")
    list_filter = ("after", "workspace")
    list_select_related = ("contact", "workspace")
    search_fields = ("id__exact", "contact__email", "by")
    ordering = ("-at",)


@admin.register(Task)
class TaskAdmin(ReadOnlyAdmin):
    """Tasks for people, newest first."""

    list_display = ("title", "assignee", "due_at", "done_at", "workspace", "created_at")
    list_filter = ("source", "workspace")
    list_select_related = ("assignee", "workspace")
    search_fields = ("id__exact", "title")
    ordering = ("-created_at",)


@admin.register(Rollup)
class RollupAdmin(ReadOnlyAdmin):
    """Counts of events by a quarter of an hour, newest first."""

    list_display = ("bucket", "event", "is_bot", "count", "workspace")
    list_filter = ("is_bot", "workspace")
    list_select_related = ("workspace",)
    search_fields = ("event",)
    ordering = ("-bucket", "event")


@admin.register(DirtyBucket)
class DirtyBucketAdmin(ReadOnlyAdmin):
    """Quarters of an hour that are to be counted again."""

    list_display = ("bucket", "marks", "workspace")
    list_filter = ("workspace",)
    list_select_related = ("workspace",)
    search_fields = ("workspace__name",)
    ordering = ("-bucket",)


@admin.register(EventKey)
class EventKeyAdmin(ReadOnlyAdmin):
    """What clients call the events they sent, newest first."""

    list_display = ("source", "source_key", "event_id", "workspace", "created_at")
    list_filter = ("source", "workspace")
    list_select_related = ("workspace",)
    search_fields = ("source_key",)
    ordering = ("-created_at",)


@admin.register(SegmentLock)
class SegmentTurnAdmin(ReadOnlyAdmin):
    """Which runs bring segments up to date, the last one first."""

    list_display = ("workspace", "holder", "until")
    list_select_related = ("workspace",)
    ordering = ("-until",)


@admin.register(DirtyContact)
class ContactMarkAdmin(ReadOnlyAdmin):
    """Contacts whose segments are to be worked out again."""

    list_display = ("contact_id", "workspace")
    list_filter = ("workspace",)
    list_select_related = ("workspace",)
    search_fields = ("contact_id",)
    ordering = ("-id",)
