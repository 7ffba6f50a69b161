from jobs.models.job import Job
from jobs.models.schedule_slot import ScheduleSlot

__all__ = ["Job", "ScheduleSlot"]
