"""The ledger for operators, to look at: only its own transitions change it."""

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
    """The ledger, newest first."""

    list_display = (
        *("created_at", "type", "status", "status_detail", "requester_name", "decided_by"),
        *("runs_at", "workspace", "id"),
    )
    list_filter = ("status", "status_detail", "type", "requester_kind", "workspace")
    list_select_related = ("decided_by", "workspace")
    search_fields = ("id__exact", "requester_name", "fingerprint", "recipients__address")
    ordering = ("-created_at",)


@admin.register(Attention)
class AttentionAdmin(ReadOnlyAdmin):
    """What people were asked to look at, newest first."""

    list_display = ("opened_at", "kind", "about", "user", "count", "closed_at", "how", "workspace")
    list_filter = ("kind", "how", "workspace")
    list_select_related = ("user", "workspace")
    search_fields = ("subject_id", "user__email")
    ordering = ("-opened_at",)


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    """Calls to the outside, newest first; one that never ended is an unknown outcome."""

    list_display = ("begun_at", "ended_at", "outcome", "action", "number", "worker", "workspace")
    list_filter = ("outcome", "workspace")
    list_select_related = ("action", "workspace")
    search_fields = ("id__exact", "action__id__exact", "worker")
    ordering = ("-begun_at",)


@admin.register(Recipient)
class RecipientAdmin(ReadOnlyAdmin):
    """To whom actions go."""

    list_display = ("address", "kind", "action", "contact", "workspace")
    list_filter = ("kind", "workspace")
    list_select_related = ("action", "contact", "workspace")
    search_fields = ("address", "action__id__exact")
    ordering = ("-id",)


@admin.register(Step)
class StepAdmin(ReadOnlyAdmin):
    """The history of actions, newest first."""

    list_display = ("at", "what", "who", "status", "status_detail", "action", "workspace")
    list_filter = ("what", "status", "workspace")
    list_select_related = ("action", "workspace")
    search_fields = ("action__id__exact", "who")
    ordering = ("-at",)


@admin.register(PolicyVersion)
class PolicyVersionAdmin(ReadOnlyAdmin):
    """Policies, one row a version, newest first."""

    list_display = ("at", "number", "what", "changed_by_name", "mode", "workspace")
    list_filter = ("mode", "workspace")
    list_select_related = ("workspace",)
    search_fields = ("what", "changed_by_name")
    ordering = ("-at",)


@admin.register(Stop)
class StopAdmin(ReadOnlyAdmin):
    """Who stopped what, newest first."""

    list_display = ("stopped_at", "place", "stopped_by_name", "resumed_at", "resumed_by_name")
    list_filter = ("workspace",)
    search_fields = ("place", "stopped_by_name", "resumed_by_name")
    ordering = ("-stopped_at",)


@admin.register(Suppression)
class SuppressionAdmin(ReadOnlyAdmin):
    """Addresses nothing is sent to, newest first."""

    list_display = ("address", "reason", "added_at", "added_by_name", "lifted_at", "workspace")
    list_filter = ("reason", "workspace")
    list_select_related = ("workspace",)
    search_fields = ("address",)
    ordering = ("-added_at",)


@admin.register(Breaker)
class BreakerAdmin(ReadOnlyAdmin):
    """Channels that did not answer lately."""

    list_display = ("channel_id", "failures", "open_until", "workspace")
    list_filter = ("workspace",)
    list_select_related = ("workspace",)
    search_fields = ("channel_id",)
    ordering = ("-failures",)


@admin.register(ExternalRead)
class ReadingAdmin(ReadOnlyAdmin):
    """When which app last read text from outside."""

    list_display = ("at", "connection_id", "workspace")
    list_filter = ("workspace",)
    list_select_related = ("workspace",)
    search_fields = ("connection_id",)
    ordering = ("-at",)
