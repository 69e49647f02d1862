"""Types of jobs: the skill, the time and the parts that one usually takes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from huoshui.areas.fieldwork.models.crews import Skill
from huoshui.areas.fieldwork.models.lengths import CODE_LENGTH, NAME_LENGTH
from huoshui.areas.fieldwork.models.stock import Part


class JobType(models.Model):
    """One sort of work, finer than the kind: exchange a meter, repair a joint. Retired only."""

    code = models.CharField(max_length=CODE_LENGTH, unique=True)
    name_zh = models.CharField(max_length=NAME_LENGTH)
    name_en = models.CharField(max_length=NAME_LENGTH)
    kind = models.CharField(max_length=CODE_LENGTH)
    priority = models.CharField(max_length=CODE_LENGTH)
    usual_minutes = models.PositiveIntegerField()
    skills = models.ManyToManyField(Skill, related_name="+")
    steps_zh = models.TextField(blank=True, help_text="What to do, one step a line.")
    steps_en = models.TextField(blank=True, help_text="What to do, one step a line.")
    exchanges_meter = models.BooleanField(
        default=False, help_text="Asks for the old and the new meter."
    )
    is_retired = models.BooleanField(default=False)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(usual_minutes__gt=0), name="jobtype_takes_some_time"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class KitLine(models.Model):
    """So many of one part belong to the kit of a type of job. Changed as experience grows."""

    job_type = models.ForeignKey(JobType, models.CASCADE, related_name="kit")
    part = models.ForeignKey(Part, models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()

    class Meta:
        ordering = ["job_type", "part"]
        constraints = [
            models.UniqueConstraint(fields=["job_type", "part"], name="kitline_once_a_part"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="kitline_something"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.part_id} for {self.job_type_id}"
