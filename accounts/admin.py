"""Workspaces and people for operators; the two things changed here write an audit row."""

from typing import TYPE_CHECKING, Any, cast
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from accounts.models import ApiKey, Invitation, Membership, Notice, User, Workspace
from core import audit
from core.access import Role
from core.actor import Actor, ActorKind, Surface
from core.admin import OperatorAdmin, ReadOnlyAdmin

if TYPE_CHECKING:
    _WorkspaceForm = forms.ModelForm[Workspace]
else:
    _WorkspaceForm = forms.ModelForm


class WorkspaceForm(_WorkspaceForm):
    """Fields of a workspace an operator may change."""

    class Meta:
        model = Workspace
        fields = ("name", "time_zone")

    def clean_time_zone(self) -> str:
        """A zone of the tz database."""
        zone = str(self.cleaned_data["time_zone"])
        if zone not in available_timezones():
            raise forms.ValidationError("Use a name like Europe/Berlin or UTC.")
        return zone


class AuditedAdmin(OperatorAdmin):
    """Rows whose form fields an operator may change; each change writes an audit row."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Every operator; the form has only the fields that may be changed."""
        return admin.site.has_permission(request)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Everything the form does not change."""
        return [name for name in self.get_fields(request, obj) if name not in self.changeable]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save the changed fields and record their names; in the admin's own transaction."""
        obj.save(update_fields=form.changed_data)
        for workspace_id in self.workspaces_of(obj):
            audit.record(
                _operator(request, workspace_id),
                f"admin.{obj._meta.model_name}.change",
                object_ids={f"{obj._meta.model_name}_id": str(obj.pk)},
                fields=form.changed_data,
            )

    changeable: tuple[str, ...] = ()

    def workspaces_of(self, obj: Any) -> list[str]:
        """The workspaces whose audit log records a change; an empty id is not a workspace."""
        raise NotImplementedError


@admin.register(Workspace)
class WorkspaceAdmin(AuditedAdmin):
    """Tenants."""

    form = WorkspaceForm
    changeable = ("name", "time_zone")
    fields = ("id", "slug", "name", "time_zone", "created_at")
    list_display = ("name", "slug", "time_zone", "created_at", "id")
    search_fields = ("name", "slug", "id__exact")
    ordering = ("name",)

    def workspaces_of(self, obj: Workspace) -> list[str]:
        """Itself."""
        return [str(obj.pk)]


@admin.register(User)
class UserAdmin(AuditedAdmin):
    """Users; their permissions in a workspace are set there."""

    changeable = ("name", "is_active")
    fields = ("id", "email", "email_verified_at", "name", "is_active", "is_staff", "last_login")
    list_display = ("email", "name", "is_active", "is_staff", "last_login", "id")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email", "name", "id__exact")
    ordering = ("email",)

    def workspaces_of(self, obj: User) -> list[str]:
        """Where the person is or was a member."""
        return [str(row.workspace_id) for row in obj.memberships.all()] or [""]


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ("user", "workspace", "role", "is_active", "created_at")
    list_filter = ("role", "is_active")
    search_fields = ("user__email", "user__name", "workspace__name")
    ordering = ("-created_at",)


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """Links that let people join; only their hashes exist."""

    list_display = ("email", "workspace", "role", "created_at", "expires_at", "used_at")
    list_filter = ("role",)
    search_fields = ("email",)
    ordering = ("-created_at",)
    exclude = ("digest",)


def _operator(request: HttpRequest, workspace_id: str) -> Actor:
    user = cast("User", request.user)
    return Actor(
        workspace_id=workspace_id,
        kind=ActorKind.PERSON,
        surface=Surface.DASHBOARD,
        role=Role.ADMIN,
        name=f"{user} (operator)",
        user_id=str(user.pk),
    )


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    """Keys for REST, newest first; only their hashes exist."""

    list_display = ("name", "key_id", "user", "role", "workspace", "last_used_at", "revoked_at")
    list_filter = ("role",)
    search_fields = ("id__exact", "key_id", "name", "user__email")
    exclude = ("digest",)
    ordering = ("-created_at",)


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "kind", "user", "sent_at", "seen_at", "tries", "workspace")
    list_filter = ("kind",)
    search_fields = ("user__email", "slot")
    ordering = ("-created_at",)
