"""The clock for operators."""

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from jobs.models import ScheduleSlot


@admin.register(ScheduleSlot)
class ScheduleSlotAdmin(ReadOnlyAdmin):
    """Scheduled tasks that fired, newest first."""

    list_display = ("slot", "task")
    list_filter = ("task",)
    search_fields = ("task",)
    ordering = ("-slot",)
