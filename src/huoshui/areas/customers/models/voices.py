"""What others say of our service: supervisors and their findings, praise and complaint."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from huoshui.areas.customers import contracts
from huoshui.areas.customers.models.places import Estate
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


class Finding(models.Model):
    """One thing a supervisor found. It gets an owner and a reply, and the reply a rating."""

    supervisor = models.ForeignKey(Supervisor, models.PROTECT, related_name="findings")
    topic = models.CharField(max_length=20)
    text = models.CharField(max_length=1000)
    estate = models.ForeignKey(Estate, models.PROTECT, null=True, related_name="+")
    found_at = models.DateTimeField(db_index=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    state = models.CharField(max_length=20, default=contracts.FindingState.OPEN)
    reply = models.CharField(max_length=1000, blank=True)
    replied_at = models.DateTimeField(null=True)
    replied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    rating = models.PositiveSmallIntegerField(null=True, help_text="1 to 5, by the supervisor.")
    rated_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-found_at",)
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=sorted(contracts.FindingState)), name="finding_state_known"
            ),
            models.CheckConstraint(
                condition=Q(topic__in=sorted(contracts.FindingTopic)), name="finding_topic_known"
            ),
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__gte=1, rating__lte=5),
                name="finding_rating_in_range",
            ),
            models.CheckConstraint(
                condition=Q(state=str(contracts.FindingState.OPEN)) | Q(replied_at__isnull=False),
                name="finding_replied_has_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"finding {self.pk}"


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
