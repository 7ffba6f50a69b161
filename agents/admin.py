"""Agents and their runs for operators."""

from django.contrib import admin

from agents.models import Agent, AllowedProvider, Proposed, Run, Target
from core.admin import ReadOnlyAdmin


@admin.register(Agent)
class AgentAdmin(ReadOnlyAdmin):
    """Agents."""

    list_display = ("name", "workspace", "owner", "enabled", "schedule_cron", "created_at")
    list_filter = ("enabled", "playbook_template", "workspace")
    list_select_related = ("workspace", "owner")
    search_fields = ("id__exact", "name")
    ordering = ("-created_at",)


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    """Runs, newest first."""

    list_display = ("created_at", "agent", "job", "rehearsal", "summary", "micro_usd", "workspace")
    list_filter = ("rehearsal", "workspace")
    list_select_related = ("agent", "job", "workspace")
    search_fields = ("id__exact", "agent__id__exact", "job__id__exact")
    ordering = ("-created_at",)


@admin.register(Target)
class TargetAdmin(ReadOnlyAdmin):
    """What came of each contact of a run."""

    list_display = ("run", "contact", "state", "micro_usd", "ended_at", "workspace")
    list_filter = ("state", "workspace")
    list_select_related = ("run", "contact", "workspace")
    search_fields = ("id__exact", "run__id__exact", "contact__id__exact")
    ordering = ("-id",)


@admin.register(Proposed)
class ProposedAdmin(ReadOnlyAdmin):
    """What runs proposed."""

    list_display = ("created_at", "type", "intent", "verdict", "action_id", "workspace")
    list_filter = ("type", "verdict", "workspace")
    list_select_related = ("workspace",)
    search_fields = ("id__exact", "target__run__id__exact")
    ordering = ("-created_at",)


@admin.register(AllowedProvider)
class PermitAdmin(ReadOnlyAdmin):
    """Model providers that workspaces allow."""

    list_display = ("provider", "workspace", "opened_by", "opened_at", "last_used_at")
    list_filter = ("provider", "workspace")
    list_select_related = ("workspace", "opened_by")
    search_fields = ("id__exact",)
    ordering = ("-opened_at",)
