"""Jobs and the clock for operators."""

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from jobs.models import Job, ScheduleSlot


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    exclude = ("claim",)
    list_display = ("created_at", "kind", "subject", "status", "done", "total", "workspace")
    list_filter = ("status", "kind")
    search_fields = ("id__exact", "subject", "workspace__id__exact")
    ordering = ("-created_at",)


@admin.register(ScheduleSlot)
class ScheduleSlotAdmin(ReadOnlyAdmin):
    list_display = ("slot", "task")
    list_filter = ("task",)
    search_fields = ("task",)
    ordering = ("-slot",)
