"""A list of two hundred thousand things, and its address: what `benchmarks.lists` measures."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.urls import include, path

from huoshui.kernel import search
from huoshui.kernel.pages import kit

KINDS = ("pipe", "valve", "hydrant", "junction", "pump", "tank")
MATERIALS = ("DI", "PE", "ST", "CI", "")


class Thing(models.Model):
    """One row of the scale test; its table is made by the benchmark."""

    code = models.CharField(max_length=40, unique=True)
    sort_code = models.CharField(max_length=80, db_index=True)
    name = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=20)
    material = models.CharField(max_length=10, blank=True)
    zone = models.CharField(max_length=20)
    diameter_mm = models.FloatField(null=True, db_index=True)
    laid_year = models.IntegerField(null=True, db_index=True)

    class Meta:
        app_label = "benchmark_lists"
        db_table = "benchmark_thing"
        indexes = [
            models.Index(fields=["kind", "sort_code"], name="thing_of_kind"),
            models.Index(fields=["zone", "sort_code"], name="thing_of_zone"),
            models.Index(fields=["material", "sort_code"], name="thing_of_material"),
        ]

    def __str__(self) -> str:
        return self.code


INDEX = search.Index("benchmark_thing", ("code", "name"))


class Things(kit.ListPage):
    """Two hundred thousand rows with search, four filters and four orders."""

    title = "Things"
    permission = "network.read"
    url_name = "things"
    columns = (
        kit.Column("code", "Code", sort="sort_code", href=lambda row: f"/things/{row['code']}/"),
        kit.Column("kind", "Kind"),
        kit.Column("name", "Name", sort=False),
        kit.Column("zone", "Zone", sort=False),
        kit.Column("material", "Material", sort=False),
        kit.Column("diameter_mm", "Diameter", format=".0f", unit="mm"),
        kit.Column("laid_year", "Laid", format="d"),
    )
    search_index = INDEX
    filters = (
        kit.ChoiceFilter("kind", "Kind", choices=[(one, one) for one in KINDS]),
        kit.ChoiceFilter("zone", "Zone", choices=[(f"Z{n}", f"Z{n}") for n in range(200)]),
        kit.ChoiceFilter("material", "Material", choices=[(one, one) for one in MATERIALS if one]),
    )
    default_sort = "sort_code"

    def rows(self, request: HttpRequest) -> Any:
        return Thing.objects.values(
            "pk", "code", "kind", "name", "zone", "material", "diameter_mm", "laid_year"
        )


urlpatterns = [
    Things.path("things/", name="things"),
    path("", include("huoshui.project.urls")),
]
