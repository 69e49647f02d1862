"""Tables of waves of trouble: plans, risk lists, forecasts, waves, reports."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from huoshui.areas.surge import contracts

CODE_LENGTH, NAME_LENGTH = 40, 120


def nothing() -> list[Any]:
    """Return an empty list for a fresh row."""
    return []


class RiskList(models.Model):
    """Customers whom some trouble hits harder than others. Kept from year to year."""

    code = models.CharField(max_length=CODE_LENGTH, unique=True)
    name = models.CharField(max_length=NAME_LENGTH)
    kind = models.CharField(max_length=CODE_LENGTH, default=contracts.Kind.COLD)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class RiskEntryQuerySet(models.QuerySet["RiskEntry"]):
    """What may be asked of the accounts of risk lists."""

    def listed(self) -> RiskEntryQuerySet:
        """Keep those that stand on their list now."""
        return self.filter(taken_off_at__isnull=True)

    def listed_since(self, moment: datetime) -> RiskEntryQuerySet:
        """Keep those that stand on their list now or were taken off after a moment."""
        return self.filter(Q(taken_off_at__isnull=True) | Q(taken_off_at__gt=moment))


class RiskEntry(models.Model):
    """One account of a risk list with the reason; ``warned_at`` is when it was told last.

    Who is taken off stays as a row with its tellings, for the waves in which it was on the list;
    put on again, it is the same row.
    """

    risk_list = models.ForeignKey(RiskList, models.CASCADE, related_name="entries")
    account_code = models.CharField(max_length=40, db_index=True)
    estate_code = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=CODE_LENGTH)
    note = models.CharField(max_length=200, blank=True)
    warned_at = models.DateTimeField(null=True)
    warned_how = models.CharField(max_length=CODE_LENGTH, blank=True)
    warned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    taken_off_at = models.DateTimeField(null=True)
    taken_off_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = RiskEntryQuerySet.as_manager()

    class Meta:
        ordering = ["estate_code", "account_code"]
        constraints = [
            models.UniqueConstraint(
                fields=["risk_list", "account_code"], name="riskentry_once_a_list"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=[str(one) for one in contracts.RiskReason]),
                name="riskentry_reason_known",
            ),
        ]

    def __str__(self) -> str:
        return self.account_code


class RiskWarning(models.Model):
    """Somebody of a risk list was told by a person of ours: one row each time, never changed."""

    entry = models.ForeignKey(RiskEntry, models.CASCADE, related_name="tellings")
    at = models.DateTimeField()
    how = models.CharField(max_length=CODE_LENGTH)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "at", "how"], name="riskwarning_kept_once"),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} at {self.at}"


class EmergencyPlan(models.Model):
    """What is done when a sort of trouble comes: when to declare, who goes, what must lie ready.

    Changed as experience grows; a wave remembers what it was declared with.
    """

    code = models.CharField(max_length=CODE_LENGTH, unique=True)
    name = models.CharField(max_length=NAME_LENGTH)
    kind = models.CharField(max_length=CODE_LENGTH)
    limit_c = models.FloatField(null=True, help_text="Lowest or highest temperature of a day.")
    nights = models.PositiveSmallIntegerField(default=2, help_text="So many days in a row.")
    ahead_days = models.PositiveSmallIntegerField(default=5, help_text="How far we look ahead.")
    point_code = models.CharField(
        max_length=100, blank=True, help_text="Measures the temperature outside; may be empty."
    )
    topics = models.JSONField(default=nothing, blank=True)
    crews = models.JSONField(default=nothing, blank=True)
    minimums = models.JSONField(
        default=nothing, blank=True, help_text="Part, number, first and last month."
    )
    risk_list = models.ForeignKey(RiskList, models.PROTECT, null=True, related_name="+")
    steps = models.TextField(blank=True, help_text="What to do, one step a line.")
    is_retired = models.BooleanField(default=False)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[str(one) for one in contracts.Kind]),
                name="emergencyplan_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Forecast(models.Model):
    """How cold and warm one day becomes. The latest row of a day counts; none is changed."""

    day = models.DateField(db_index=True)
    low_c = models.FloatField()
    high_c = models.FloatField()
    told_at = models.DateTimeField()
    told_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["day", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(low_c__lte=F("high_c"), low_c__gte=-60, high_c__lte=60),
                name="forecast_low_below_high_on_earth",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.low_c} to {self.high_c} on {self.day}"


class Surge(models.Model):
    """One wave of trouble. Born when a leader declares it; its end is the only thing that changes.

    What it was declared with stays: area, topics, crews, parts, the list of those at risk.
    """

    code = models.CharField(max_length=CODE_LENGTH, unique=True)
    name = models.CharField(max_length=NAME_LENGTH)
    kind = models.CharField(max_length=CODE_LENGTH)
    from_at = models.DateTimeField(db_index=True)
    until = models.DateTimeField(null=True)
    estates = models.JSONField(default=nothing, help_text="With zones both empty: whole city.")
    zones = models.JSONField(default=nothing)
    topics = models.JSONField(default=nothing, help_text="Topics of calls that count; empty: all.")
    crews = models.JSONField(default=nothing)
    parts = models.JSONField(default=nothing, help_text="Parts that are watched.")
    announcements = models.JSONField(default=nothing, help_text="Numbers of the warnings sent.")
    risk_list = models.ForeignKey(RiskList, models.PROTECT, null=True, related_name="+")
    plan = models.ForeignKey(EmergencyPlan, models.PROTECT, null=True, related_name="+")
    text = models.TextField(blank=True)
    declared_at = models.DateTimeField()
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-from_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[str(one) for one in contracts.Kind]), name="surge_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("from_at")),
                name="surge_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CrewCall(models.Model):
    """One crew was called up for a wave; ``answered_at`` is when somebody of it said so."""

    surge = models.ForeignKey(Surge, models.PROTECT, related_name="crew_calls")
    crew_code = models.CharField(max_length=CODE_LENGTH)
    called_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["crew_code"]
        constraints = [
            models.UniqueConstraint(fields=["surge", "crew_code"], name="crewcall_once_a_crew"),
        ]

    def __str__(self) -> str:
        return f"{self.crew_code} for {self.surge_id}"


class Proposal(models.Model):
    """A plan's trigger was reached: somebody is asked whether to declare. Decided once."""

    plan = models.ForeignKey(EmergencyPlan, models.PROTECT, related_name="proposals")
    first_date = models.DateField()
    days = models.JSONField(help_text="Day, low and high of each day that reaches the limit.")
    state = models.CharField(max_length=CODE_LENGTH, default=contracts.ProposalState.OPEN)
    made_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    reason = models.CharField(max_length=300, blank=True)
    surge = models.ForeignKey(Surge, models.PROTECT, null=True, related_name="+")
    warning = models.CharField(max_length=40, blank=True, help_text="Number of the draft made.")
    minimums_raised_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "first_date"], name="proposal_once_a_cold"),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} from {self.first_date}"


class SurgeReport(models.Model):
    """The figures of a wave as they were counted when the report was made. Never changes.

    ``keys`` names what each figure counted; ``rows`` holds those calls, cases and jobs as they
    stood, so that an old report opens the very things it was made of.
    """

    surge = models.ForeignKey(Surge, models.PROTECT, related_name="reports")
    number = models.CharField(max_length=CODE_LENGTH, unique=True)
    until = models.DateTimeField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    version = models.PositiveIntegerField(help_text="How it was counted.")
    figures = models.JSONField()
    keys = models.JSONField()
    rows = models.JSONField()
    more = models.JSONField(help_text="By hour, by estate, by part.")

    class Meta:
        ordering = ["-until", "-id"]

    def __str__(self) -> str:
        return self.number


class Price(models.Model):
    """What one of a part costs us, or an hour of one person under the code ``hour``."""

    code = models.CharField(max_length=CODE_LENGTH, unique=True)
    price_cents = models.PositiveIntegerField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code
