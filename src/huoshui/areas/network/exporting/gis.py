"""Write the network as GeoPackage, one layer for each kind, or as GeoJSON."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from huoshui.areas.network import attributes
from huoshui.areas.network.contracts import LINK_KINDS, Kind
from huoshui.areas.network.exporting.rows import Row, value
from huoshui.areas.network.models import Zone

CRS = "EPSG:4326"
ARROW_TYPES = {
    attributes.Type.NUMBER: "float64",
    attributes.Type.INTEGER: "int64",
}


def place_of(row: Row) -> tuple[str, Any] | None:
    """Return GeoJSON type and coordinates of an asset; None where it has no place."""
    if row["kind"] in LINK_KINDS:
        return ("LineString", row["line"]) if row["line"] else None
    return ("Point", [row["lon"], row["lat"]]) if row["lon"] is not None else None


def write_gpkg(path: Path, rows: Iterable[Row]) -> int:
    """Write a GeoPackage; return how many assets it holds. Those without a place have no shape."""
    path.unlink(missing_ok=True)
    by_kind: dict[str, list[Row]] = {}
    for row in rows:
        by_kind.setdefault(row["kind"], []).append(row)
    for kind in Kind:
        if kind in by_kind:
            _write_layer(path, str(kind), by_kind[kind])
    _write_zones(path)
    return sum(len(one) for one in by_kind.values())


def _write_layer(path: Path, kind: str, rows: list[Row]) -> None:
    import pyarrow as pa
    import pyogrio  # type: ignore[import-untyped]

    is_link = kind in LINK_KINDS
    columns: dict[str, Any] = {
        "code": pa.array([row["code"] for row in rows], pa.string()),
        "kind": pa.array([row["kind"] for row in rows], pa.string()),
        "zone": pa.array([row["zone"] or None for row in rows], pa.string()),
    }
    if is_link:
        for end in ("start", "end"):
            columns[f"{end}_code"] = pa.array([row[end] for row in rows], pa.string())
    for one in attributes.of_kind(kind):
        values = [value(row, one) for row in rows]
        if any(found is not None for found in values):
            if one.type not in ARROW_TYPES:
                values = [None if found is None else _text(found) for found in values]
            columns[one.code] = pa.array(values, getattr(pa, ARROW_TYPES.get(one.type, "string"))())
    columns["geometry"] = pa.array(_wkb(rows, is_link=is_link), pa.binary())
    pyogrio.write_arrow(
        pa.table(columns), path, layer=kind, driver="GPKG", crs=CRS, geometry_name="geometry",
        geometry_type="LineString" if is_link else "Point", append=path.exists(),
    )  # fmt: skip


def _text(found: Any) -> str:
    if isinstance(found, bool):
        return "yes" if found else "no"
    return str(found)


def _wkb(rows: list[Row], *, is_link: bool) -> list[bytes | None]:
    """Return the shapes as WKB, None where there is none."""
    drawn = [index for index, row in enumerate(rows) if place_of(row)]
    found: list[bytes | None] = [None] * len(rows)
    if not drawn:
        return found
    if is_link:
        lines = [np.asarray(rows[index]["line"], dtype=float) for index in drawn]
        counts = [len(line) for line in lines]
        shapes = shapely.linestrings(
            np.concatenate(lines), indices=np.repeat(np.arange(len(lines)), counts)
        )
    else:
        shapes = shapely.points([(rows[index]["lon"], rows[index]["lat"]) for index in drawn])
    for index, wkb in zip(drawn, shapely.to_wkb(shapes).tolist(), strict=True):
        found[index] = wkb
    return found


def _write_zones(path: Path) -> None:
    """Write the zones that have a boundary."""
    import pyarrow as pa
    import pyogrio

    zones = [zone for zone in Zone.objects.order_by("code") if zone.boundary]
    if not zones:
        return
    table = pa.table(
        {
            "code": pa.array([zone.code for zone in zones], pa.string()),
            "name": pa.array([zone.name for zone in zones], pa.string()),
            "geometry": pa.array(
                [shapely.to_wkb(shapely.Polygon(zone.boundary)) for zone in zones], pa.binary()
            ),
        }
    )
    pyogrio.write_arrow(
        table, path, layer="zone", driver="GPKG", crs=CRS, geometry_name="geometry",
        geometry_type="Polygon", append=path.exists(),
    )  # fmt: skip


def write_geojson(path: Path, rows: Iterable[Row]) -> int:
    """Write a GeoJSON file, feature by feature; return how many assets it holds."""
    import orjson

    count = 0
    with path.open("wb") as out:
        out.write(b'{"type":"FeatureCollection","name":"network","features":[')
        for row in rows:
            out.write(b",\n" if count else b"\n")
            out.write(orjson.dumps(_feature(row)))
            count += 1
        out.write(b"\n]}\n")
    return count


def _feature(row: Row) -> dict[str, Any]:
    properties: dict[str, Any] = {"code": row["code"], "kind": row["kind"]}
    if row["zone"]:
        properties["zone"] = row["zone"]
    if row["kind"] in LINK_KINDS:
        properties |= {"start_code": row["start"], "end_code": row["end"]}
    for one in attributes.of_kind(row["kind"]):
        found = value(row, one)
        if found is not None:
            properties[one.code] = _text(found) if isinstance(found, bool) else found
    place = place_of(row)
    geometry = {"type": place[0], "coordinates": place[1]} if place else None
    return {"type": "Feature", "properties": properties, "geometry": geometry}
