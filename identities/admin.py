"""Senders of every workspace for operators; a password is never shown."""

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from identities.models import (
    Channel,
    Identity,
    LinkedinLogin,
    Mailbox,
    MailFolder,
    SendCount,
)


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

    list_display = ("address", "workspace", "state", "uses_relay", "smtp_host", "created_at")
    list_filter = ("state", "uses_relay", "smtp_security", "workspace")
    list_select_related = ("workspace",)
    search_fields = ("id__exact", "address", "smtp_host")
    ordering = ("-created_at",)
    exclude = ("smtp_password",)


@admin.register(Channel)
class ChannelAdmin(ReadOnlyAdmin):
    """Connections to providers."""

    list_display = ("__str__", "kind", "workspace", "identity", "state", "created_at")
    list_filter = ("kind", "state", "workspace")
    list_select_related = ("workspace", "identity")
    search_fields = ("id__exact", "name")
    ordering = ("-created_at",)
    exclude = ("secret",)


@admin.register(SendCount)
class SendCountAdmin(ReadOnlyAdmin):
    """How much each sender sent on each day."""

    list_display = ("day", "identity", "what", "number", "last_at", "workspace")
    list_filter = ("what", "workspace")
    list_select_related = ("workspace", "identity")
    search_fields = ("id__exact",)
    ordering = ("-day",)


@admin.register(MailFolder)
class MailFolderAdmin(ReadOnlyAdmin):
    """How far mailboxes were read."""

    list_display = ("mailbox", "role", "last_uid", "read_at", "workspace")
    list_filter = ("role", "workspace")
    list_select_related = ("mailbox", "workspace")
    search_fields = ("mailbox__address",)
    ordering = ("-read_at",)


@admin.register(LinkedinLogin)
class LinkedinLoginAdmin(ReadOnlyAdmin):
    """Logins at LinkedIn, newest first."""

    list_display = ("created_at", "identity", "step", "country", "expires_at", "workspace")
    list_filter = ("step", "workspace")
    list_select_related = ("identity", "workspace")
    search_fields = ("id__exact", "job__id__exact")
    ordering = ("-created_at",)
    exclude = ("code", "callback_digest")
