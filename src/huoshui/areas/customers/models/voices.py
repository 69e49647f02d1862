"""What others say of our service: supervisors, praise and complaint. Findings are cases."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from huoshui.areas.customers import contracts
from huoshui.areas.customers.rules import CODE_LENGTH_MAX


class Supervisor(models.Model):
    """One citizen who watches our service on an honorary appointment."""

    name = models.CharField(max_length=100)
    organisation = models.CharField(max_length=150, blank=True)
    kind = models.CharField(max_length=20)
    phone = models.CharField(max_length=40, blank=True)
    from_date = models.DateField()
    until_date = models.DateField(null=True, help_text="No longer counted in.")

    class Meta:
        ordering = ("name",)
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=sorted(contracts.SupervisorKind)), name="supervisor_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(until_date__isnull=True) | Q(until_date__gt=models.F("from_date")),
                name="supervisor_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"supervisor {self.pk}"


class Voice(models.Model):
    """One praise or complaint about a person or a unit of ours. Written once."""

    kind = models.CharField(max_length=20)
    form = models.CharField(max_length=20)
    text = models.CharField(max_length=1000)
    from_whom = models.CharField(max_length=100, blank=True)
    account = models.ForeignKey(
        "customers.Account", models.PROTECT, null=True, related_name="voices"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+",
        help_text="Of our staff, whom it is about.",
    )  # fmt: skip
    unit = models.ForeignKey("organisation.Unit", models.PROTECT, null=True, related_name="+")
    order_code = models.CharField(
        max_length=CODE_LENGTH_MAX, blank=True, help_text="Of the job or case it came of."
    )
    photo = models.ForeignKey("files.StoredFile", models.PROTECT, null=True, related_name="+")
    received_at = models.DateTimeField(db_index=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    case_number = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ("-received_at",)
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=sorted(contracts.VoiceKind)), name="voice_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(form__in=sorted(contracts.VoiceForm)), name="voice_form_known"
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False) | Q(unit__isnull=False),
                name="voice_is_about_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
