"""Tables of deadlines: clocks that run, pauses, and working days that differ here."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from huoshui.kernel.cases.models.case import CODE_LENGTH, Case


class CaseClockRun(models.Model):
    """One deadline of one case, from its start until it is kept, missed or overtaken.

    While paused ``due_at`` is empty and ``left`` says what remains. ``next_check_at`` is when the
    driver has to look again: at the warning, the deadline, or the next level of escalation.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="clocks", db_index=False)
    clock = models.CharField(max_length=CODE_LENGTH)
    round = models.PositiveSmallIntegerField(help_text="0 before the first reopening.")
    limit_amount = models.PositiveIntegerField()
    limit_unit = models.CharField(max_length=20)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    left = models.BigIntegerField(
        null=True, help_text="While paused: seconds, or working days, that remain."
    )
    warned_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    level = models.PositiveSmallIntegerField(default=0, help_text="Escalations already told.")
    stopped_at = models.DateTimeField(null=True)
    overtaken = models.BooleanField(
        default=False, help_text="Stopped, but neither kept nor missed."
    )
    late = models.BooleanField(default=False)
    next_check_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["case", "clock"], name="caseclockrun_of_case"),
            models.Index(
                fields=["next_check_at"],
                name="caseclockrun_to_check",
                condition=Q(next_check_at__isnull=False),
            ),
            models.Index(fields=["stopped_at"], name="caseclockrun_ended"),
            models.Index(fields=["due_at"], name="caseclockrun_late", condition=Q(late=True)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True) | Q(stopped_at__gte=F("started_at")),
                name="caseclockrun_not_over_before_it_began",
            ),
            models.UniqueConstraint(
                fields=["case", "clock"],
                condition=Q(stopped_at__isnull=True),
                name="caseclockrun_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"clock {self.clock} of case {self.case_id}"


class CasePause(models.Model):
    """One span in which clocks of a case stood still, and why; ended once, then never changed."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="pauses")
    reason = models.CharField(max_length=CODE_LENGTH)
    note = models.TextField(blank=True)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(until_at__isnull=True),
                name="casepause_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"pause of case {self.case_id}"


class LocalDay(models.Model):
    """One day that is a working day here, or is none, whatever the calendar of the country says.

    Changed and deleted by people; deadlines that run already keep theirs.
    """

    day = models.DateField(unique=True)
    is_working = models.BooleanField()
    note = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.day} {'working' if self.is_working else 'off'}"
