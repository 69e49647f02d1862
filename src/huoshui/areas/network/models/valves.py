"""What people did to valves and found out about them: two facts that are never merged."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from huoshui.areas.network import contracts
from huoshui.areas.network.models.assets import Asset


class ValveTurnQuerySet(models.QuerySet["ValveTurn"]):
    """Turns, by what people ask of them."""

    def standing_at(self, moment: datetime) -> ValveTurnQuerySet:
        """Keep, for each valve, the last turn made at or before ``moment``, corrections applied."""
        latest = (
            ValveTurn.objects.filter(
                valve_id=models.OuterRef("valve_id"), turned_at__lte=moment, corrected_by=None
            )
            .order_by("-turned_at", "-id")
            .values("id")[:1]
        )
        return self.filter(id=models.Subquery(latest))


class ValveTurn(models.Model):
    """One turn of one valve, as somebody did it in the street.

    Written once, never edited. A mistake is put right by a later turn that points back at it
    through ``corrects``.
    """

    valve = models.ForeignKey(Asset, models.PROTECT, related_name="turns")
    opening_frac = models.FloatField(help_text="0 is closed, 1 is fully open.")
    turned_at = models.DateTimeField(help_text="When the valve moved, not when it was typed in.")
    turned_by = models.CharField(max_length=120, blank=True, help_text="Who turned it.")
    turns = models.FloatField(null=True, help_text="Turns of the spindle, as counted.")
    note = models.CharField(max_length=300, blank=True)
    corrects = models.OneToOneField("self", models.PROTECT, null=True, related_name="corrected_by")
    recorded_at = models.DateTimeField(help_text="When we learned of it.")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = ValveTurnQuerySet.as_manager()

    class Meta:
        ordering = ("-turned_at", "-id")
        indexes = [models.Index(fields=["valve", "turned_at"], name="valveturn_by_valve")]
        constraints = [
            models.CheckConstraint(
                condition=Q(opening_frac__gte=0) & Q(opening_frac__lte=1),
                name="valveturn_opening_between_closed_and_open",
            ),
            models.CheckConstraint(
                condition=Q(recorded_at__gte=F("turned_at")),
                name="valveturn_not_recorded_before_it_happened",
            ),
        ]

    def __str__(self) -> str:
        return f"turn {self.pk} of valve {self.valve_id}"


class ValveCondition(models.Model):
    """How one valve was found: whether it can be turned at all.

    Written once, never edited; the newest one holds. It says nothing of the valve's state.
    """

    valve = models.ForeignKey(Asset, models.PROTECT, related_name="conditions")
    operability = models.CharField(max_length=20)
    seen_at = models.DateTimeField(help_text="When it was tried or looked for.")
    seen_by = models.CharField(max_length=120, blank=True)
    note = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ("-seen_at", "-id")
        indexes = [models.Index(fields=["valve", "seen_at"], name="valvecondition_by_valve")]
        constraints = [
            models.CheckConstraint(
                condition=Q(operability__in=sorted(contracts.Operability)),
                name="valvecondition_operability_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"valve {self.valve_id} is {self.operability}"
