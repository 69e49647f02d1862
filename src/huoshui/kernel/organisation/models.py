"""Tables of the organisation: units, what they were when, and who belonged to them."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

Row = TypeVar("Row", bound=models.Model)


class Kind(models.TextChoices):
    """What sort of unit it is."""

    GROUP = "group", _("Group")
    COMPANY = "company", _("Company")
    BRANCH = "branch", _("Branch")
    DEPARTMENT = "department", _("Department")
    STATION = "station", _("Station")
    TEAM = "team", _("Team")
    OTHER = "other", _("Other")


class Unit(models.Model):
    """One part of the organisation, for as long as there is any record of it.

    Only its code is fixed. Name, kind and parent are in its periods.
    """

    code = models.CharField(max_length=40, unique=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.code


class DatedQuerySet(models.QuerySet[Row]):
    def valid_on(self, day: date) -> Any:
        """Keep the rows in force on ``day``."""
        return self.filter(Q(until_date__isnull=True) | Q(until_date__gt=day), from_date__lte=day)


class UnitPeriod(models.Model):
    """What a unit was called and where it belonged, from a day until another.

    A change ends one period and begins the next; periods of a unit never overlap.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="periods")
    parent = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", help_text="Empty: the top."
    )
    name_zh = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    from_date = models.DateField()
    until_date = models.DateField(null=True, help_text="Excluded. Empty: until further notice.")

    objects = DatedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "from_date"], name="unitperiod_one_begins_on_a_day"
            ),
            models.CheckConstraint(
                condition=Q(until_date__isnull=True) | Q(until_date__gt=F("from_date")),
                name="unitperiod_not_over_before_it_began",
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("unit")),
                name="unitperiod_not_its_own_parent",
            ),
        ]

    def __str__(self) -> str:
        return f"unit {self.unit_id} from {self.from_date}"


class Membership(models.Model):
    """One person belonging to one unit for a period of days; ended, never deleted."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="memberships")
    from_date = models.DateField()
    until_date = models.DateField(null=True, help_text="Excluded. Empty: until further notice.")

    objects = DatedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until_date__isnull=True) | Q(until_date__gte=F("from_date")),
                name="membership_not_over_before_it_began",
            ),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} in unit {self.unit_id}"
