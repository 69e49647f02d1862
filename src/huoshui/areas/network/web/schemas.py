"""What the API of the network answers with."""

from __future__ import annotations

from typing import Any

from ninja import Schema


class AssetOut(Schema):
    """One asset; lengths in metres, diameters in millimetres, places in degrees (WGS 84)."""

    id: int
    code: str
    kind: str
    name: str
    zone: str | None = None
    lon: float | None = None
    lat: float | None = None
    line: list[tuple[float, float]] = []
    start: str | None = None
    end: str | None = None
    length_m: float | None = None
    diameter_mm: float | None = None
    material: str | None = None
    laid_year: int | None = None
    elevation_m: float | None = None
    roughness_c: float | None = None
    roughness_mm: float | None = None
    url: str


class AssetPage(Schema):
    """A part of a list of assets, and how many there are in all."""

    count: int
    items: list[AssetOut]


class FoundOut(Schema):
    """One hit of the search."""

    id: int
    code: str
    name: str
    kind: str
    lon: float
    lat: float
    url: str


class ZoneOut(Schema):
    """One zone with the number of its assets and the length of its pipes."""

    id: int
    code: str
    name: str
    parent: str | None = None
    assets: int
    pipes_length_m: float
    url: str


class Features(Schema):
    """A GeoJSON feature collection."""

    type: str = "FeatureCollection"
    features: list[dict[str, Any]]
