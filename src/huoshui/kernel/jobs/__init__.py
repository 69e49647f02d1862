"""Background work: tasks with progress, and schedules that follow the product's clock."""

from huoshui.kernel.jobs.schedules import schedule
from huoshui.kernel.jobs.work import progress, task

__all__ = ["progress", "schedule", "task"]
