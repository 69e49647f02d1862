"""Where customers are: estates, streets, buildings and the single places of use."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from huoshui.areas.customers.rules import CODE_LENGTH_MAX


class Estate(models.Model):
    """One housing estate (小区). Born by an import or by hand; its code never changes."""

    code = models.CharField(max_length=CODE_LENGTH_MAX, unique=True)
    name = models.CharField(max_length=100)
    district = models.CharField(max_length=100, blank=True)
    address = models.CharField(max_length=200, blank=True)
    lon = models.FloatField(null=True, help_text="WGS 84; its gate or its middle.")
    lat = models.FloatField(null=True)
    zone_code = models.CharField(
        max_length=64, blank=True, help_text="The zone of the network that is this estate."
    )
    property_manager = models.CharField(max_length=100, blank=True)
    property_phone = models.CharField(max_length=40, blank=True)
    owners_group = models.CharField(
        max_length=100, blank=True, help_text="Name of the owners' chat group, if we are in it."
    )
    households = models.PositiveIntegerField(null=True)
    grid = models.ForeignKey("customers.Grid", models.SET_NULL, null=True, related_name="estates")

    class Meta:
        ordering = ("code",)
        indexes = [models.Index(fields=["name"], name="estate_by_name")]
        constraints = [
            models.CheckConstraint(condition=~Q(code=""), name="estate_has_a_code"),
            models.CheckConstraint(condition=~Q(name=""), name="estate_has_a_name"),
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True)
                | Q(lon__gte=-180, lon__lte=180, lat__gte=-85, lat__lte=85),
                name="estate_lies_on_the_map",
            ),
        ]

    def __str__(self) -> str:
        return f"estate {self.code}"


class Street(models.Model):
    """One street in which addresses lie. Born with the first address in it; never changes."""

    name = models.CharField(max_length=100, unique=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="street_has_a_name")]

    def __str__(self) -> str:
        return f"street {self.pk}"


class PlaceKey(models.Model):
    """One way to type the name of an estate or a street: written in full, spelled, or by initials.

    Made whenever a name is new or changes, and read as a whole by every search for an address.
    """

    key = models.CharField(max_length=120)
    estate = models.ForeignKey(Estate, models.CASCADE, null=True, related_name="keys")
    street = models.ForeignKey(Street, models.CASCADE, null=True, related_name="keys")

    class Meta:
        indexes = [models.Index(fields=["key"], name="placekey_by_key")]
        constraints = [
            models.CheckConstraint(
                condition=Q(estate__isnull=False, street__isnull=True)
                | Q(estate__isnull=True, street__isnull=False),
                name="placekey_is_of_one_place",
            )
        ]

    def __str__(self) -> str:
        return f"key {self.pk} of a place"


class Building(models.Model):
    """One building of an estate. Born with the first address in it."""

    estate = models.ForeignKey(Estate, models.CASCADE, related_name="buildings")
    number = models.CharField(max_length=20, help_text="As it is compared: 3, 12, a.")
    name = models.CharField(max_length=60, blank=True)
    floors = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["estate", "number"], name="building_once_in_estate"),
            models.CheckConstraint(condition=~Q(number=""), name="building_has_a_number"),
        ]

    def __str__(self) -> str:
        return f"building {self.number} of estate {self.estate_id}"


class Premises(models.Model):
    """One place where water is used: a flat, a house, a shop, a works.

    Born with its first account and kept when people move. ``path`` and ``short_path`` are its
    address as it is compared (3-2-501 and 3-501), kept by whoever writes the address.
    """

    code = models.CharField(max_length=CODE_LENGTH_MAX, unique=True)
    address = models.CharField(max_length=300)
    district = models.CharField(max_length=100, blank=True)
    street = models.ForeignKey(Street, models.PROTECT, null=True, related_name="premises")
    number = models.CharField(max_length=20, blank=True, help_text="House number in the street.")
    estate = models.ForeignKey(Estate, models.PROTECT, null=True, related_name="premises")
    building = models.ForeignKey(Building, models.PROTECT, null=True, related_name="premises")
    unit = models.CharField(max_length=20, blank=True)
    floor = models.SmallIntegerField(null=True)
    room = models.CharField(max_length=20, blank=True)
    path = models.CharField(max_length=80, blank=True)
    short_path = models.CharField(max_length=80, blank=True)
    lon = models.FloatField(null=True, help_text="WGS 84.")
    lat = models.FloatField(null=True)
    connection_code = models.CharField(
        max_length=64, blank=True, help_text="The connection of the network that feeds it."
    )

    class Meta:
        ordering = ("code",)
        indexes = [
            models.Index(fields=["estate", "path"], name="premises_by_estate_path"),
            models.Index(fields=["street", "path"], name="premises_by_street_path"),
            models.Index(fields=["path"], name="premises_by_path"),
            models.Index(fields=["short_path"], name="premises_by_short_path"),
            models.Index(fields=["connection_code"], name="premises_by_connection"),
            models.Index(fields=["lon", "lat"], name="premises_by_place"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(code=""), name="premises_have_a_code"),
            models.CheckConstraint(condition=~Q(address=""), name="premises_have_an_address"),
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True)
                | Q(lon__gte=-180, lon__lte=180, lat__gte=-85, lat__lte=85),
                name="premises_lie_on_the_map",
            ),
        ]

    def __str__(self) -> str:
        return f"premises {self.code}"
