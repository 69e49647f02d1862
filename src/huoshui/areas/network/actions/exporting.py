"""Giving the network out as a file."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path

from django.db.models import F, Sum

from huoshui.areas.network import queries
from huoshui.areas.network.exporting import gis, inp
from huoshui.areas.network.exporting import rows as exported
from huoshui.areas.network.models import Connection
from huoshui.kernel import audit

SECONDS_PER_YEAR = 365 * 86_400


class Form(StrEnum):
    """As what the network can be given out."""

    INP = "inp"
    GPKG = "gpkg"
    GEOJSON = "geojson"


def export_network(
    path: Path, form: str, *, at: datetime | None = None, by_id: int | None
) -> dict[str, int]:
    """Write the network of now or of a past moment; return what had to be assumed, by column.

    Leaves a record of who took the network with them.
    """
    rows = exported.rows(at)
    assumed: dict[str, int] = {}
    if form == Form.GPKG:
        gis.write_gpkg(path, rows)
    elif form == Form.GEOJSON:
        gis.write_geojson(path, rows)
    else:
        kept = queries.present_file()
        model = inp.write(
            rows,
            kept=kept.text if kept else "",
            kept_crs=kept.crs if kept else "",
            demands_lps=demands_lps(),
        )
        path.write_text(model.text, encoding="utf-8")
        assumed = model.assumed
    audit.record(
        by_id,
        "network.export",
        "network.assets",
        {"form": str(Form(form)), "assets": len(rows), "at": at.isoformat() if at else ""},
    )
    return assumed


def demands_lps() -> dict[str, float]:
    """Return what the customers use on average, by code of node: half at each end of their pipe."""
    found: dict[str, float] = {}
    pipes = (
        Connection.objects.filter(pipe__isnull=False, annual_use_m3__gt=0)
        .values("pipe", start=F("pipe__start__code"), end=F("pipe__end__code"))
        .annotate(used_m3=Sum("annual_use_m3"))
        .order_by("pipe")
    )
    for pipe in pipes.iterator():
        flow_lps = pipe["used_m3"] * 1000 / SECONDS_PER_YEAR
        for end in ("start", "end"):
            found[pipe[end]] = found.get(pipe[end], 0.0) + flow_lps / 2
    return found
