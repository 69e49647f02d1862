"""The teams responsible for areas of the network."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from huoshui.areas.network.contracts.cards import Duty
from huoshui.areas.network.models.assets import Zone


class ZoneTeam(models.Model):
    """Which unit, and who of it, did one duty for a zone from one day until another.

    A later team ends the period of the one before; periods of a duty never overlap.
    """

    zone = models.ForeignKey(Zone, models.PROTECT, related_name="teams")
    duty = models.CharField(max_length=20)
    unit = models.ForeignKey("organisation.Unit", models.PROTECT, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+",
        help_text="Whom to ask; empty: anybody of the unit.",
    )  # fmt: skip
    from_date = models.DateField()
    until_date = models.DateField(null=True, help_text="Excluded. Empty: until further notice.")

    class Meta:
        ordering = ("zone", "duty", "from_date", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["zone", "duty", "from_date"], name="zoneteam_one_begins_on_a_day"
            ),
            models.CheckConstraint(
                condition=Q(duty__in=sorted(Duty)), name="zoneteam_duty_is_known"
            ),
            models.CheckConstraint(
                condition=Q(until_date__isnull=True) | Q(until_date__gte=F("from_date")),
                name="zoneteam_not_over_before_it_began",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.duty} of zone {self.zone_id} from {self.from_date}"
