"""Senders of every workspace for operators; a password is never shown."""

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from identities.models import Channel, Identity, LinkedinLogin, Mailbox, MailFolder, SendCount


@admin.register(Identity)
class IdentityAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "workspace", "user", "is_active", "created_at")
    list_filter = ("is_active",)
    search_fields = ("id__exact", "first_name", "last_name")
    ordering = ("-created_at",)


@admin.register(Mailbox)
class MailboxAdmin(ReadOnlyAdmin):
    list_display = ("address", "workspace", "state", "uses_relay", "smtp_host", "created_at")
    list_filter = ("state", "uses_relay", "smtp_security")
    search_fields = ("id__exact", "address", "smtp_host")
    ordering = ("-created_at",)
    exclude = ("smtp_password",)


@admin.register(Channel)
class ChannelAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "kind", "workspace", "identity", "state", "created_at")
    list_filter = ("kind", "state")
    search_fields = ("id__exact", "name")
    ordering = ("-created_at",)
    exclude = ("secret",)


@admin.register(SendCount)
class SendCountAdmin(ReadOnlyAdmin):
    list_display = ("day", "identity", "what", "number", "last_at", "workspace")
    list_filter = ("what",)
    search_fields = ("id__exact",)
    ordering = ("-day",)


@admin.register(MailFolder)
class MailFolderAdmin(ReadOnlyAdmin):
    list_display = ("mailbox", "role", "last_uid", "read_at", "workspace")
    list_filter = ("role",)
    search_fields = ("mailbox__address",)
    ordering = ("-read_at",)


@admin.register(LinkedinLogin)
class LinkedinLoginAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "identity", "step", "country", "expires_at", "workspace")
    list_filter = ("step",)
    search_fields = ("id__exact", "job__id__exact")
    ordering = ("-created_at",)
    exclude = ("code", "callback_digest")
