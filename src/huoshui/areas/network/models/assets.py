"""Assets and zones: the register itself."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from huoshui.areas.network import contracts, rules

CODE_LENGTH = 64
SORT_CODE_LENGTH = 320


class SortCodeField(models.CharField):
    """A row's code in the form that sorts as people count: n2 before n10.

    Written by the field itself from ``code``, in every insert, also of many rows at once.
    """

    def __init__(self, **options: Any) -> None:
        given: dict[str, Any] = {
            "max_length": SORT_CODE_LENGTH,
            "editable": False,
            "default": "",
        }
        super().__init__(**given | options)

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """Work the value out of the code."""
        key = rules.natural_key(getattr(model_instance, "code"))  # noqa: B009 - any model
        setattr(model_instance, self.attname, key)
        return key


class Zone(models.Model):
    """A part of the network that is looked at, measured or billed as one.

    Born when somebody draws it or assigns assets to it. Its code never changes.
    """

    code = models.CharField(max_length=CODE_LENGTH, unique=True)
    name = models.CharField(max_length=200)
    name_en = models.CharField(
        max_length=200, blank=True, help_text="For readers of English; empty means the same name."
    )
    kind = models.CharField(max_length=20, default=contracts.ZoneKind.DMA)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    boundary = models.JSONField(
        null=True, help_text="Ring of [longitude, latitude]; none means the hull of its assets."
    )
    unit = models.ForeignKey(
        "organisation.Unit",
        models.SET_NULL,
        null=True,
        related_name="+",
        help_text="Who is in charge; empty: as of the zone it is a part of.",
    )

    class Meta:
        ordering = ("code",)
        constraints = [
            models.CheckConstraint(condition=~Q(code=""), name="zone_has_a_code"),
            models.CheckConstraint(
                condition=Q(kind__in=sorted(contracts.ZoneKind)), name="zone_is_of_a_known_kind"
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=models.F("id")),
                name="zone_is_not_its_own_parent",
            ),
        ]

    def __str__(self) -> str:
        return f"zone {self.code}"


# Every order and filter of the list of assets, among those that are not retired.
LISTED: dict[str, tuple[str, ...]] = {
    "code": ("sort_code",),
    "kind": ("kind", "sort_code"),
    "zone": ("zone", "sort_code"),
    "material": ("material", "sort_code"),
    "status": ("status", "sort_code"),
    "diameter": ("diameter_mm",),
    "length": ("length_m",),
    "year": ("laid_year",),
    "elevation": ("elevation_m",),
    "name": ("name",),
    # Materials came one after the other: plastic pipes by their year are not at its beginning.
    "material_year": ("material", "laid_year"),
    # Pipes whose material is not known, among all that has none; counted by diameter as well.
    "material_kind": ("material", "kind", "sort_code", "diameter_mm"),
}


class AssetQuerySet(models.QuerySet["Asset"]):
    """Assets, by what people ask of them."""

    def links(self) -> AssetQuerySet:
        """Keep pipes, valves and pumps."""
        return self.filter(kind__in=contracts.LINK_KINDS)

    def nodes(self) -> AssetQuerySet:
        """Keep junctions, tanks, reservoirs and hydrants."""
        return self.filter(kind__in=contracts.NODE_KINDS)

    def present(self) -> AssetQuerySet:
        """Keep what has not been retired."""
        return self.filter(retired_at__isnull=True)


class Asset(models.Model):
    """One thing of the network that can be pointed at: a pipe, a valve, a node.

    Born when a network file is imported; a later file with the same code changes it, so that
    its number here stays the same for ever and others may refer to it. Material, year and zone
    come from people or registers, never from a model file, and survive an import. It is never
    deleted: what is taken out of the ground is retired. What a column holds is declared in
    `attributes`; attributes without a column of their own stand in ``details``.
    """

    code = models.CharField(max_length=CODE_LENGTH, unique=True)
    sort_code = SortCodeField()
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
    status = models.CharField(max_length=20, default=contracts.Status.IN_USE)
    details = models.JSONField(default=dict, help_text="Further attributes by code.")
    valid_from = models.DateTimeField(
        null=True, help_text="None: it was there before the register began."
    )
    retired_at = models.DateTimeField(null=True, help_text="None: it is still there.")

    objects = AssetQuerySet.as_manager()

    class Meta:
        ordering = ("sort_code",)
        indexes = [
            models.Index(fields=["kind", "code"], name="asset_by_kind"),
            *(
                models.Index(
                    fields=list(fields), name=f"asset_list_{name}", condition=Q(retired_at=None)
                )
                for name, fields in LISTED.items()
            ),
            # For classes of diameters: two of three assets have none, and come first by code.
            models.Index(
                fields=["sort_code"],
                name="asset_list_sized",
                condition=Q(retired_at=None, diameter_mm__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(code=""), name="asset_has_a_code"),
            models.CheckConstraint(
                condition=Q(kind__in=sorted(contracts.Kind)), name="asset_is_of_a_known_kind"
            ),
            models.CheckConstraint(
                condition=Q(status__in=sorted(contracts.Status)), name="asset_status_is_known"
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
