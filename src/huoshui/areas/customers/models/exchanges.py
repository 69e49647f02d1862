"""Meters that were exchanged: where one ended and the next began."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from huoshui.areas.customers.models.accounts import ServicePoint
from huoshui.areas.customers.rules import CODE_LENGTH_MAX


class MeterExchange(models.Model):
    """One exchange of a meter, as a crew reported it: the end of one and the beginning of another.

    Born when it is reported, whether the register knew the old number or not; what the crew read
    never changes. ``point`` is filled in later where somebody has to look the place up first;
    ``same_as`` where somebody finds that another row tells of the same exchange.
    """

    point = models.ForeignKey(ServicePoint, models.PROTECT, null=True, related_name="exchanges")
    at = models.DateTimeField(db_index=True, help_text="When the meters were exchanged.")
    old_number = models.CharField(max_length=CODE_LENGTH_MAX)
    old_reading_m3 = models.FloatField()
    new_number = models.CharField(max_length=CODE_LENGTH_MAX)
    start_reading_m3 = models.FloatField()
    read_before_m3 = models.FloatField(null=True, help_text="The register's reading until then.")
    read_before_date = models.DateField(null=True)
    stopped_from_date = models.DateField(null=True, help_text="Since when it did not count.")
    stopped_days = models.PositiveIntegerField(default=0)
    estimated_m3 = models.FloatField(null=True, help_text="Not counted; null: nothing to go by.")
    basis = models.CharField(max_length=20)
    problem = models.CharField(max_length=40, blank=True, help_text="Why no place has it yet.")
    job_number = models.CharField(max_length=20, blank=True, db_index=True)
    for_account = models.CharField(
        max_length=CODE_LENGTH_MAX, blank=True, default="", help_text="Whom the job is about."
    )
    same_as = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    key = models.CharField(max_length=100, unique=True, help_text="Told twice, it counts once.")

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(old_reading_m3__gte=0) & Q(start_reading_m3__gte=0),
                name="meterexchange_readings_are_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(point__isnull=False) | ~Q(problem=""),
                name="meterexchange_has_a_place_or_a_problem",
            ),
            models.CheckConstraint(
                condition=Q(problem="told_twice", same_as__isnull=False)
                | (~Q(problem="told_twice") & Q(same_as__isnull=True)),
                name="meterexchange_told_twice_names_the_first",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old_number} to {self.new_number}"
