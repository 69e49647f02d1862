"""Tables of the network: assets, zones, the files they came from, and the map's revision."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from huoshui.areas.network import contracts, rules

CODE_LENGTH = 64


class Zone(models.Model):
    """A part of the network that is looked at, measured or billed as one.

    Born when somebody draws it or assigns assets to it. Its code never changes.
    """

    code = models.CharField(max_length=CODE_LENGTH, unique=True)
    name = models.CharField(max_length=200)
    name_en = models.CharField(
        max_length=200, blank=True, help_text="For readers of English; empty means the same name."
    )
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    boundary = models.JSONField(
        null=True, help_text="Ring of [longitude, latitude]; none means the hull of its assets."
    )

    class Meta:
        ordering = ("code",)
        constraints = [
            models.CheckConstraint(condition=~Q(code=""), name="zone_has_a_code"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=models.F("id")),
                name="zone_is_not_its_own_parent",
            ),
        ]

    def __str__(self) -> str:
        return f"zone {self.code}"


class AssetQuerySet(models.QuerySet["Asset"]):
    """Assets, by what people ask of them."""

    def links(self) -> AssetQuerySet:
        """Keep pipes, valves and pumps."""
        return self.filter(kind__in=contracts.LINK_KINDS)

    def nodes(self) -> AssetQuerySet:
        """Keep junctions, tanks, reservoirs and hydrants."""
        return self.filter(kind__in=contracts.NODE_KINDS)


class Asset(models.Model):
    """One thing of the network that can be pointed at: a pipe, a valve, a node.

    Born when a network file is imported; a later file with the same code changes it, so that
    its number here stays the same for ever and others may refer to it. Material, year and zone
    come from people or registers, never from a model file, and survive an import.
    """

    code = models.CharField(max_length=CODE_LENGTH, unique=True)
    model_id = models.CharField(
        max_length=CODE_LENGTH, blank=True, help_text="What the network file calls it."
    )
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=200, blank=True)
    zone = models.ForeignKey(Zone, models.SET_NULL, null=True, related_name="assets")
    start = models.ForeignKey("self", models.PROTECT, null=True, related_name="links_out")
    end = models.ForeignKey("self", models.PROTECT, null=True, related_name="links_in")

    lon = models.FloatField(null=True, help_text="WGS 84; of a link, half-way along it.")
    lat = models.FloatField(null=True)
    line = models.JSONField(null=True, help_text="Course of a link, [longitude, latitude] each.")
    surveyed = models.JSONField(
        null=True, help_text="Coordinates as the file gave them, in the file's own system."
    )

    length_m = models.FloatField(null=True)
    diameter_mm = models.FloatField(null=True, db_index=True)
    roughness_c = models.FloatField(null=True, help_text="Hazen-Williams coefficient.")
    roughness_mm = models.FloatField(null=True, help_text="Darcy-Weisbach wall roughness.")
    roughness_n = models.FloatField(null=True, help_text="Manning coefficient.")
    material = models.CharField(max_length=40, blank=True)
    laid_year = models.PositiveSmallIntegerField(null=True)
    elevation_m = models.FloatField(null=True)
    valve_kind = models.CharField(max_length=40, blank=True)
    level_m_min = models.FloatField(null=True)
    level_m_max = models.FloatField(null=True)
    tank_diameter_m = models.FloatField(null=True)
    tag = models.CharField(max_length=200, blank=True, help_text="Tag of the network file.")

    objects = AssetQuerySet.as_manager()

    class Meta:
        ordering = ("code",)
        indexes = [models.Index(fields=["kind", "code"], name="asset_by_kind")]
        constraints = [
            models.CheckConstraint(condition=~Q(code=""), name="asset_has_a_code"),
            models.CheckConstraint(
                condition=Q(kind__in=sorted(contracts.Kind)), name="asset_is_of_a_known_kind"
            ),
            models.CheckConstraint(
                condition=Q(material__in=["", *sorted(contracts.Material)]),
                name="asset_is_of_a_known_material",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=sorted(contracts.LINK_KINDS), start__isnull=False, end__isnull=False
                )
                | Q(kind__in=sorted(contracts.NODE_KINDS), start__isnull=True, end__isnull=True),
                name="asset_links_have_two_ends_and_nodes_none",
            ),
            models.CheckConstraint(
                condition=Q(diameter_mm__isnull=True) | Q(diameter_mm__gt=0),
                name="asset_diameter_is_positive",
            ),
            models.CheckConstraint(
                condition=Q(length_m__isnull=True) | Q(length_m__gte=0),
                name="asset_length_is_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(laid_year__isnull=True)
                | Q(laid_year__gte=rules.EARLIEST_LAID_YEAR, laid_year__lte=2200),
                name="asset_laid_in_a_possible_year",
            ),
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True)
                | Q(lon__gte=-180, lon__lte=180, lat__gte=-85, lat__lte=85),
                name="asset_lies_on_the_map",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.code}"


class NetworkFile(models.Model):
    """A network file as it was imported, kept whole: the twin calculates from this text.

    Written once, never changed. The newest one is the present model of the network.
    """

    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64, db_index=True)
    text = models.TextField()
    crs = models.TextField(help_text="What the file's coordinates mean, as PROJ understands it.")
    nodes = models.PositiveIntegerField()
    links = models.PositiveIntegerField()
    imported_at = models.DateTimeField()
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"network file {self.name}"


class MapRevision(models.Model):
    """The one row that says which state of the network the map's tiles must show.

    Changed by every action that changes what a tile contains, in the same transaction.
    """

    token = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="maprevision_is_a_single_row"),
        ]

    def __str__(self) -> str:
        return self.token
