"""Tables of watched zones, their judged nights and suspected leaks."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from huoshui.areas.leakage import contracts, rules

CODE_LENGTH = 40


class ZoneSetup(models.Model):
    """How one zone's balance is measured and priced. Changed only by ``set_up_zone``."""

    zone_code = models.CharField(max_length=64, unique=True)
    tank_area_m2 = models.FloatField(null=True, help_text="Surface of the zone's tank, if any.")
    price_cents_per_m3 = models.PositiveIntegerField(help_text="What a lost m³ costs, in fen.")
    night_from_h = models.PositiveSmallIntegerField(default=rules.NIGHT_FROM_H)
    night_until_h = models.PositiveSmallIntegerField(default=rules.NIGHT_UNTIL_H)
    watched_since = models.DateField(help_text="The first night that may be judged.")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(night_from_h__lt=F("night_until_h")) & Q(night_until_h__lte=12),
                name="zonesetup_night_window_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"setup of zone {self.zone_code}"


class ZonePoint(models.Model):
    """One measuring point and its part in a zone's balance."""

    ROLES = ("inlet", "outlet", "storage", "meter")

    setup = models.ForeignKey(ZoneSetup, models.CASCADE, related_name="points")
    role = models.CharField(max_length=CODE_LENGTH)
    point_code = models.CharField(max_length=100)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["setup", "point_code"], name="zonepoint_once_in_a_balance"
            ),
            models.CheckConstraint(
                condition=Q(role__in=["inlet", "outlet", "storage", "meter"]),
                name="zonepoint_role_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.point_code}"


class NightFlow(models.Model):
    """One zone's flow in the small hours of one local day, and what was expected.

    Born when the night is judged; judged anew only while its readings are still coming in, or
    by a backfill. ``flow_m3h`` is the net inflow without metered use.
    """

    setup = models.ForeignKey(ZoneSetup, models.CASCADE, related_name="nights")
    night_date = models.DateField(help_text="The local day whose small hours these are.")
    state = models.CharField(max_length=CODE_LENGTH)
    inflow_m3h = models.FloatField(null=True)
    use_m3h = models.FloatField(null=True, help_text="Metered use of customers in the window.")
    flow_m3h = models.FloatField(null=True)
    expected_m3h = models.FloatField(null=True)
    low_m3h = models.FloatField(null=True)
    high_m3h = models.FloatField(null=True)
    excess_m3h = models.FloatField(null=True)
    excess_m3h_low = models.FloatField(null=True)
    excess_m3h_high = models.FloatField(null=True)
    completeness_frac = models.FloatField()
    quality = models.CharField(max_length=CODE_LENGTH)
    model_version = models.CharField(max_length=CODE_LENGTH)
    inputs = models.JSONField(help_text="Each role's mean in the window, per point.")
    judged_at = models.DateTimeField()

    class Meta:
        ordering = ["night_date"]
        constraints = [
            models.UniqueConstraint(fields=["setup", "night_date"], name="nightflow_once_a_night"),
            models.CheckConstraint(
                condition=Q(completeness_frac__gte=0) & Q(completeness_frac__lte=1),
                name="nightflow_completeness_is_a_share",
            ),
        ]

    def __str__(self) -> str:
        return f"night {self.night_date} of setup {self.setup_id}"


class SuspectedLeak(models.Model):
    """A step up in a zone's night flow that nothing known explains.

    Born when nights leave the expected band. Its size follows the nights until the repair;
    its life is told by ``LeakEvent`` rows.
    """

    setup = models.ForeignKey(ZoneSetup, models.PROTECT, related_name="leaks")
    state = models.CharField(max_length=CODE_LENGTH)
    since_date = models.DateField(help_text="The first night of the step.")
    called_date = models.DateField(help_text="The night on which the rules called it.")
    detected_at = models.DateTimeField()
    ended_date = models.DateField(null=True, help_text="The first night without it.")
    size_m3h = models.FloatField()
    low_m3h = models.FloatField(help_text="Lower end of the 95 % interval.")
    high_m3h = models.FloatField(help_text="Upper end of the 95 % interval.")
    model_version = models.CharField(max_length=CODE_LENGTH)
    job_number = models.CharField(max_length=20, blank=True, db_index=True)
    reason = models.TextField(blank=True, help_text="Why it was dismissed or reopened.")
    found_asset_code = models.CharField(max_length=64, blank=True)
    reported_at = models.DateTimeField(null=True, help_text="When the crew reported the repair.")
    repaired_at = models.DateTimeField(null=True, help_text="When a second person confirmed it.")
    verified_at = models.DateTimeField(null=True)
    saved_m3h = models.FloatField(null=True)
    saved_m3h_low = models.FloatField(null=True)
    saved_m3h_high = models.FloatField(null=True)
    step_down = models.JSONField(null=True, help_text="The laboratory's proof of the repair.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[str(state) for state in contracts.LeakState]),
                name="suspectedleak_state_known",
            ),
            models.CheckConstraint(
                condition=Q(low_m3h__lte=F("size_m3h")) & Q(size_m3h__lte=F("high_m3h")),
                name="suspectedleak_size_within_its_interval",
            ),
        ]

    def __str__(self) -> str:
        return f"suspected leak {self.pk}"


class LeakEvent(models.Model):
    """One step in the life of a suspected leak. Never changes."""

    leak = models.ForeignKey(SuspectedLeak, models.PROTECT, related_name="events")
    what = models.CharField(max_length=CODE_LENGTH)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)
    size_m3h = models.FloatField(null=True)
    source = models.CharField(
        max_length=100, blank=True, help_text="The event that caused it, so it is told once."
    )

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["leak", "source"],
                condition=~Q(source=""),
                name="leakevent_each_source_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} of suspected leak {self.leak_id}"
