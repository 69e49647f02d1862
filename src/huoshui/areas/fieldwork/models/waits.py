"""Why a job has no crew, for as long as that holds."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from huoshui.areas.fieldwork.models.crews import Crew
from huoshui.areas.fieldwork.models.jobs import Job


class JobWait(models.Model):
    """A stretch of time in which a job had no crew for one and the same reason.

    Born when the worker looks for a crew and the reason is another than before; ``looked_at``, the
    crew and its arrival follow each look. Ended when a crew gets the job, or by the next reason.
    """

    job = models.ForeignKey(Job, models.PROTECT, related_name="waits")
    crew = models.ForeignKey(
        Crew, models.PROTECT, null=True, related_name="+",
        help_text="Who came nearest to being able; nobody where no crew is at work.",
    )  # fmt: skip
    faults = models.JSONField(
        default=list, help_text="Codes of what speaks against it; none: it is able."
    )
    lacking = models.JSONField(default=list, help_text="Codes of the skills and parts it lacks.")
    arrive_at = models.DateTimeField(null=True, help_text="When it would be there.")
    from_at = models.DateTimeField()
    looked_at = models.DateTimeField(help_text="When this was found last.")
    until = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["job", "from_at"], name="jobwait_job_from")]
        constraints = [
            models.UniqueConstraint(
                fields=["job"], condition=Q(until__isnull=True), name="jobwait_one_stands"
            ),
        ]

    def __str__(self) -> str:
        return f"wait of job {self.job_id} from {self.from_at}"
