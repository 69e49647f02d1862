"""What must be there before a job is closed; rooms above add what is theirs at the start."""

from __future__ import annotations

from collections.abc import Callable

from huoshui.areas.fieldwork import models

Check = Callable[[models.Job], None]
_checks: list[Check] = []


def before_closing(check: Check) -> None:
    """Have ``check(job)`` called before a job is closed; it refuses what is missing."""
    if check not in _checks:
        _checks.append(check)


def check(job: models.Job) -> None:
    """Refuse a job that lacks something."""
    for one in _checks:
        one(job)
