"""Connections: where customers take their water out of the network."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from huoshui.areas.network import contracts
from huoshui.areas.network.models.assets import CODE_LENGTH, Asset, SortCodeField, Zone


class Connection(models.Model):
    """One service line: a customer's place, the pipe it is tapped into, and where along it.

    Born by an import or by hand. The pipe is computed as the nearest one in use until somebody
    says better; then ``is_manual`` is set and no later computing touches it.
    """

    code = models.CharField(max_length=CODE_LENGTH, unique=True)
    sort_code = SortCodeField()
    customer_code = models.CharField(max_length=CODE_LENGTH, blank=True)
    address = models.CharField(max_length=300, blank=True)
    lon = models.FloatField(null=True, help_text="WGS 84; the customer's end.")
    lat = models.FloatField(null=True)
    pipe = models.ForeignKey(Asset, models.SET_NULL, null=True, related_name="connections")
    tap_lon = models.FloatField(null=True, help_text="Where the pipe is tapped.")
    tap_lat = models.FloatField(null=True)
    along_m = models.FloatField(null=True, help_text="From the pipe's start to the tap.")
    away_m = models.FloatField(null=True, help_text="From the customer's place to the tap.")
    zone = models.ForeignKey(Zone, models.SET_NULL, null=True, related_name="connections")
    is_manual = models.BooleanField(
        default=False, help_text="A person chose the pipe; recomputing leaves it alone."
    )
    diameter_mm = models.FloatField(null=True)
    annual_use_m3 = models.FloatField(null=True)
    status = models.CharField(max_length=20, default=contracts.ConnectionStatus.IN_USE)

    class Meta:
        ordering = ("sort_code",)
        indexes = [
            models.Index(fields=["sort_code"], name="connection_by_sort_code"),
            models.Index(fields=["customer_code"], name="connection_by_customer"),
            models.Index(fields=["annual_use_m3"], name="connection_by_use"),
            models.Index(fields=["address"], name="connection_by_address"),
            models.Index(fields=["away_m"], name="connection_by_distance"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(code=""), name="connection_has_a_code"),
            models.CheckConstraint(
                condition=Q(status__in=sorted(contracts.ConnectionStatus)),
                name="connection_is_of_a_known_status",
            ),
            models.CheckConstraint(
                condition=Q(annual_use_m3__isnull=True) | Q(annual_use_m3__gte=0),
                name="connection_use_is_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True)
                | Q(lon__gte=-180, lon__lte=180, lat__gte=-85, lat__lte=85),
                name="connection_lies_on_the_map",
            ),
        ]

    def __str__(self) -> str:
        return f"connection {self.code}"
