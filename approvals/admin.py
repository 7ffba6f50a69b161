"""The ledger for operators, read-only: only its own transitions change it."""

from django.contrib import admin

from approvals.models import (
    Action,
    Attempt,
    Attention,
    Breaker,
    ExternalRead,
    PolicyVersion,
    Recipient,
    Step,
    Stop,
    Suppression,
)
from core.admin import ReadOnlyAdmin


@admin.register(Action)
class ActionAdmin(ReadOnlyAdmin):
    list_display = (
        *("created_at", "type", "status", "status_detail", "requester_name", "decided_by"),
        *("runs_at", "workspace", "id"),
    )
    list_filter = ("status", "status_detail", "type", "requester_kind")
    search_fields = ("id__exact", "requester_name", "fingerprint", "recipients__address")
    ordering = ("-created_at",)


@admin.register(Attention)
class AttentionAdmin(ReadOnlyAdmin):
    list_display = ("opened_at", "kind", "about", "user", "count", "closed_at", "how", "workspace")
    list_filter = ("kind", "how")
    search_fields = ("subject_id", "user__email")
    ordering = ("-opened_at",)


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    """Calls to the outside, newest first; one that never ended is an unknown outcome."""

    list_display = ("begun_at", "ended_at", "outcome", "action", "number", "worker", "workspace")
    list_filter = ("outcome",)
    search_fields = ("id__exact", "action__id__exact", "worker")
    ordering = ("-begun_at",)


@admin.register(Recipient)
class RecipientAdmin(ReadOnlyAdmin):
    list_display = ("address", "kind", "action", "contact", "workspace")
    list_filter = ("kind",)
    search_fields = ("address", "action__id__exact")
    ordering = ("-id",)


@admin.register(Step)
class StepAdmin(ReadOnlyAdmin):
    list_display = ("at", "what", "who", "status", "status_detail", "action", "workspace")
    list_filter = ("what", "status")
    search_fields = ("action__id__exact", "who")
    ordering = ("-at",)


@admin.register(PolicyVersion)
class PolicyVersionAdmin(ReadOnlyAdmin):
    list_display = ("at", "number", "what", "changed_by_name", "mode", "workspace")
    list_filter = ("mode",)
    search_fields = ("what", "changed_by_name")
    ordering = ("-at",)


@admin.register(Stop)
class StopAdmin(ReadOnlyAdmin):
    list_display = ("stopped_at", "place", "stopped_by_name", "resumed_at", "resumed_by_name")
    search_fields = ("place", "stopped_by_name", "resumed_by_name")
    ordering = ("-stopped_at",)


@admin.register(Suppression)
class SuppressionAdmin(ReadOnlyAdmin):
    list_display = ("address", "reason", "added_at", "added_by_name", "lifted_at", "workspace")
    list_filter = ("reason",)
    search_fields = ("address",)
    ordering = ("-added_at",)


@admin.register(Breaker)
class BreakerAdmin(ReadOnlyAdmin):
    list_display = ("channel_id", "failures", "open_until", "workspace")
    search_fields = ("channel_id",)
    ordering = ("-failures",)


@admin.register(ExternalRead)
class ReadingAdmin(ReadOnlyAdmin):
    list_display = ("at", "connection_id", "workspace")
    search_fields = ("connection_id",)
    ordering = ("-at",)
