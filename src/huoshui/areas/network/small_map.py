"""What a small map of the network is given by the page that shows it.

Behind the facade, because other areas show places too: `{% island "network/asset-map" props %}`.
"""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from huoshui.areas.network import contracts, queries, remembered, rules, words
from huoshui.kernel import clock


def tiles_of(revision: str) -> dict[str, Any]:
    """Return where the tiles are and which zooms they have."""
    example = reverse("network:tile", args=[0, 0, 0])
    template = example.replace("0/0/0", "{z}/{x}/{y}")
    return {
        "url": f"{template}?r={revision}",
        "zoom_min": rules.TILE_ZOOM_MIN,
        "zoom_max": rules.TILE_ZOOM_MAX,
    }


def base(*, bounds: tuple[float, ...] | None) -> dict[str, Any]:
    """Return what every map of the network needs."""
    return {
        "tiles": tiles_of(queries.revision()),
        "bounds": bounds,
        "zones_url": reverse("api:network-zone-outlines"),
        "asset_url": reverse("api:network-asset", args=["CODE"]),
        "page_url": reverse("network:asset", args=["CODE"]),
        "kinds": {code: str(label) for code, label in words.KINDS.items()},
        "materials": {code: str(label) for code, label in words.MATERIALS.items()},
        "diameter_breaks_mm": rules.DIAMETER_BREAKS_MM,
        "age_breaks_years": rules.AGE_BREAKS_YEARS,
        "this_year": clock.now().astimezone(clock.local_zone()).year,
    }


def of_asset(asset: contracts.Asset) -> dict[str, Any] | None:
    """Return what the small map of an asset needs; None for an asset without a place."""
    if asset.lon != asset.lon:
        return None
    places = [*asset.line, (asset.lon, asset.lat)]
    lons, lats = [lon for lon, _lat in places], [lat for _lon, lat in places]
    return {
        **base(bounds=(min(lons), min(lats), max(lons), max(lats))),
        "focus": {"id": asset.id, "code": asset.code, "kind": asset.kind},
    }


def of_zone(code: str) -> dict[str, Any] | None:
    """Return what the small map of a zone needs; None where neither nodes nor outline are."""
    bounds = queries.bounds(zone_code=code) or queries.outline_bounds(code)
    return None if bounds is None else {**base(bounds=bounds), "zone": code}


def of_spot(lon: float, lat: float) -> dict[str, Any]:
    """Return what the small map of a spot needs that is neither an asset nor a zone."""
    return {**base(bounds=(lon, lat, lon, lat)), "spot": (lon, lat)}


def of_picker() -> dict[str, Any]:
    """Return what the map of a form needs that says where something is (`network/place-picker`)."""
    return base(bounds=remembered.of_revision("bounds", queries.bounds))


def of_spots(spots_url: str, *, refresh_s: int = 30) -> dict[str, Any]:
    """Return what the map of a list needs whose rows have places (`network/spots-map`)."""
    return {
        **base(bounds=remembered.of_revision("bounds", queries.bounds)),
        "spots_url": spots_url,
        "refresh_s": refresh_s,
    }
