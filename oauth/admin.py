"""The operator's read-only view; the toolkit registers its five models with these classes."""

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from oauth.models import Connection, RedirectHostPermission, RefreshReplay


class ApplicationAdmin(ReadOnlyAdmin):
    list_display = ("client_id", "name", "registration_source", "created", "last_used_at")
    list_filter = ("registration_source",)
    search_fields = ("client_id", "name")
    exclude = ("client_secret",)


class GrantAdmin(ReadOnlyAdmin):
    list_display = ("id", "connection", "created", "expires", "used_at")
    exclude = ("code", "code_challenge")


class AccessTokenAdmin(ReadOnlyAdmin):
    """Access tokens; only their hashes exist."""

    list_display = ("id", "connection", "user", "created", "expires")
    exclude = ("token", "token_checksum")


class RefreshTokenAdmin(ReadOnlyAdmin):
    """Refresh tokens; only their hashes exist."""

    list_display = ("id", "connection", "user", "created", "revoked")
    exclude = ("token", "token_checksum")


class IDTokenAdmin(ReadOnlyAdmin):
    list_display = ("jti", "user", "expires")


@admin.register(Connection)
class ConnectionAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "workspace",
        "user",
        "client_name",
        "redirect_host",
        "created_at",
        "last_used_at",
        "revoked_at",
    )
    list_filter = ("redirect_host",)
    search_fields = ("client_name", "redirect_host", "user__email")


@admin.register(RedirectHostPermission)
class RedirectHostPermissionAdmin(ReadOnlyAdmin):
    list_display = ("workspace", "host", "allowed_by", "created_at")


@admin.register(RefreshReplay)
class RefreshReplayAdmin(ReadOnlyAdmin):
    list_display = ("connection", "expires_at")
    exclude = ("sealed", "checksum")
