"""Agents and their runs for operators."""

from django.contrib import admin

from agents.models import Agent, AllowedProvider, Proposed, Run, Target
from core.admin import ReadOnlyAdmin


@admin.register(Agent)
class AgentAdmin(ReadOnlyAdmin):
    list_display = ("name", "workspace", "owner", "enabled", "schedule_cron", "created_at")
    list_filter = ("enabled", "playbook_template")
    search_fields = ("id__exact", "name")
    ordering = ("-created_at",)


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "agent", "job", "rehearsal", "summary", "micro_usd", "workspace")
    list_filter = ("rehearsal",)
    search_fields = ("id__exact", "agent__id__exact", "job__id__exact")
    ordering = ("-created_at",)


@admin.register(Target)
class TargetAdmin(ReadOnlyAdmin):
    list_display = ("run", "contact", "state", "micro_usd", "ended_at", "workspace")
    list_filter = ("state",)
    search_fields = ("id__exact", "run__id__exact", "contact__id__exact")
    ordering = ("-id",)


@admin.register(Proposed)
class ProposedAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "type", "intent", "verdict", "action_id", "workspace")
    list_filter = ("type", "verdict")
    search_fields = ("id__exact", "target__run__id__exact")
    ordering = ("-created_at",)


@admin.register(AllowedProvider)
class PermitAdmin(ReadOnlyAdmin):
    list_display = ("provider", "workspace", "opened_by", "opened_at", "last_used_at")
    list_filter = ("provider",)
    search_fields = ("id__exact",)
    ordering = ("-opened_at",)
