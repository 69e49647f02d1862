"""Background work: tasks with progress, and schedules that follow the product's clock."""

from huoshui.kernel.jobs.schedules import schedule
from huoshui.kernel.jobs.work import Cancelled, begin, progress, task

__all__ = ["Cancelled", "begin", "progress", "schedule", "task"]
