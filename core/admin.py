"""The operators' read-only view of every table (running-7).

Changes go through the services, which write the audit log. The login is ours, with its limits.
"""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from core.models import (
    AuditEntry,
    AuditSeal,
    ChainCheck,
    ChangeCounter,
    KeptAnswer,
    RateBucket,
    UnsealedEntry,
)

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = admin.ModelAdmin


class OperatorAdmin(_ModelAdmin):
    """Rows every operator may look at; nothing is added, nothing is deleted."""

    view_on_site = False
    show_full_result_count = False
    list_per_page = 50

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Every column except secrets, with ids and moments."""
        hidden = set(self.exclude or ())
        names = [field.name for field in self.model._meta.concrete_fields]
        return self.fields or [name for name in names if name not in hidden]

    def get_list_filter(self, request: HttpRequest) -> Any:
        """By workspace too, where rows belong to one."""
        columns = {field.name for field in self.model._meta.concrete_fields}
        return [*self.list_filter, *({"workspace"} & columns)]

    def get_list_select_related(self, request: HttpRequest) -> Any:
        """The rows that the list's columns point at, nullable or not."""
        keys = {field.name for field in self.model._meta.concrete_fields if field.is_relation}
        return [name for name in self.list_display if name in keys]

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Staff may look: is_staff is the operator."""
        return admin.site.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Staff may look."""
        return admin.site.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


class ReadOnlyAdmin(OperatorAdmin):
    """Rows that are not changed here either."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


def operators_login(
    request: HttpRequest, extra_context: dict[str, Any] | None = None
) -> HttpResponse:
    """Our login page instead of Django's, which does not limit attempts; 403 for members."""
    if request.user.is_authenticated and not admin.site.has_permission(request):
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next") or "/admin/")


admin.site.login = operators_login  # type: ignore[method-assign]


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "verb", "verdict", "actor_name", "actor_kind", "client", "workspace_id")
    list_filter = ("actor_kind", "surface", "verdict", "verb")
    search_fields = ("id__exact", "workspace_id__exact", "actor_name", "verb", "request_id")
    ordering = ("-at",)


@admin.register(AuditSeal)
class AuditSealAdmin(ReadOnlyAdmin):
    """The audit chain, newest first; its hashes are for verify_audit."""

    exclude = ("digest",)
    list_display = ("number", "entry_id", "sealed_at", "workspace_id")
    search_fields = ("entry_id__exact", "workspace_id__exact")
    ordering = ("-sealed_at", "-number")


@admin.register(UnsealedEntry)
class UnsealedEntryAdmin(ReadOnlyAdmin):
    list_display = ("entry_id", "at", "workspace_id")
    search_fields = ("entry_id__exact", "workspace_id__exact")
    ordering = ("at",)


@admin.register(ChainCheck)
class ChainCheckAdmin(ReadOnlyAdmin):
    list_display = ("at", "rows", "fault", "workspace_id")
    search_fields = ("workspace_id__exact",)
    ordering = ("-at",)


@admin.register(KeptAnswer)
class KeptAnswerAdmin(ReadOnlyAdmin):
    exclude = ("digest",)
    list_display = ("created_at", "operation", "caller", "key", "workspace_id")
    list_filter = ("operation",)
    search_fields = ("key", "caller", "workspace_id__exact")
    ordering = ("-created_at",)


@admin.register(RateBucket)
class RateBucketAdmin(ReadOnlyAdmin):
    list_display = ("key", "tokens", "refilled_at", "version")
    search_fields = ("key",)


@admin.register(ChangeCounter)
class ChangeCounterAdmin(ReadOnlyAdmin):
    list_display = ("workspace_id", "changes", "counted_until")
    search_fields = ("workspace_id__exact",)
