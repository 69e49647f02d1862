"""Tables of what happened to a case: steps, photos, call-backs."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from huoshui.kernel.cases.models.case import CODE_LENGTH, Case


class CaseStep(models.Model):
    """One line of a case's timeline: what happened, when, by whom. Never changed.

    ``data`` says what else came with it: fields and their values, without personal data.
    ``stayed_s`` is how long the case had stood where it left, so that figures need no joining.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="steps", db_index=False)
    kind = models.CharField(max_length=CODE_LENGTH)
    transition = models.CharField(max_length=CODE_LENGTH, blank=True)
    from_state = models.CharField(max_length=CODE_LENGTH, blank=True)
    to_state = models.CharField(max_length=CODE_LENGTH, blank=True)
    stayed_s = models.FloatField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    note = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    request_key = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["case", "id"], name="casestep_timeline"),
            models.Index(
                fields=["at", "from_state"],
                name="casestep_moves",
                condition=Q(stayed_s__isnull=False),
            ),
            models.Index(fields=["at"], name="casestep_reopened", condition=Q(kind="reopened")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "request_key"],
                name="casestep_once_a_request",
                condition=~Q(request_key=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of case {self.case_id}"


class CasePhoto(models.Model):
    """One photo or signature that came with a step. Never changed."""

    step = models.ForeignKey(CaseStep, models.PROTECT, related_name="photos")
    file = models.ForeignKey("files.StoredFile", models.PROTECT, related_name="+")
    is_signature = models.BooleanField(default=False)
    field = models.CharField(max_length=CODE_LENGTH, blank=True, help_text="Which field it fills.")

    def __str__(self) -> str:
        return f"photo {self.pk} of step {self.step_id}"


class CaseCallBack(models.Model):
    """One attempt to ask whoever raised a case whether they are content. Never changed."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="call_backs")
    round = models.PositiveSmallIntegerField(help_text="0 before the first reopening.")
    reached = models.BooleanField()
    content = models.BooleanField(null=True)
    score = models.PositiveSmallIntegerField(null=True)
    note = models.TextField(blank=True)
    at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reached=True) | Q(content__isnull=True, score__isnull=True),
                name="casecallback_no_answer_of_the_unreached",
            ),
        ]

    def __str__(self) -> str:
        return f"call-back {self.pk} of case {self.case_id}"
