"""Senders of every workspace for operators; a password is never shown."""

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from identities.models import Identity, Mailbox


@admin.register(Identity)
class IdentityAdmin(ReadOnlyAdmin):
    """Senders."""

    list_display = ("__str__", "workspace", "user", "is_active", "created_at")
    list_filter = ("is_active", "workspace")
    list_select_related = ("workspace", "user")
    search_fields = ("id__exact", "first_name", "last_name")
    ordering = ("-created_at",)


@admin.register(Mailbox)
class MailboxAdmin(ReadOnlyAdmin):
    """Mailboxes."""

    list_display = ("address", "workspace", "uses_relay", "smtp_host", "smtp_port", "created_at")
    list_filter = ("uses_relay", "smtp_security", "workspace")
    list_select_related = ("workspace",)
    search_fields = ("id__exact", "address", "smtp_host")
    ordering = ("-created_at",)
    exclude = ("smtp_password",)
