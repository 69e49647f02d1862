"""What the maps of patrols are given, and their places as GeoJSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.patrol import ground, queries, rules, words
from huoshui.areas.network import facade as network
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import formats
from huoshui.kernel.pages.templatetags.huoshui import island

Feature = dict[str, Any]
SPOTS_MAX = 2_000


def drawn(request: HttpRequest, features: Sequence[Feature]) -> dict[str, Any] | None:
    """Return what the small map needs to show these; None without a place or the right to see."""
    if not features or not permissions.holds(request.user, "network.read"):
        return None
    places: list[Sequence[float]] = []
    for one in features:
        at = one["geometry"]["coordinates"]
        places += [at] if one["geometry"]["type"] == "Point" else at
    lons, lats = [place[0] for place in places], [place[1] for place in places]
    base = network.small_map_of(lon=lons[0], lat=lats[0]) or {}
    base.pop("spot", None)
    bounds = (min(lons), min(lats), max(lons), max(lats))
    return {**base, "bounds": bounds, "features": list(features)}


def spots(request: HttpRequest, url: str) -> SafeString:
    """Draw the map of a list, whose places come from an address; nothing for who may not see it."""
    if not permissions.holds(request.user, "network.read"):
        return SafeString("")
    props = network.spots_map_of(url)
    return format_html(
        '<section class="card nw-map-card mb-3">{}</section>',
        island("network/spots-map", props, height="46vh"),
    )


def picker(request: HttpRequest) -> dict[str, Any] | None:
    """Return what the map of a form needs on which a place is chosen; None without the right."""
    return network.picker_map_of() if permissions.holds(request.user, "network.read") else None


def point(lon: float, lat: float, **properties: Any) -> Feature:
    """Return a place as a GeoJSON feature."""
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": properties,
    }


def track(row: models.PatrolWalk) -> list[Feature]:
    """Return the joined parts of a track as lines."""
    fixes = [one for one in row.track if one[0] is not None]
    legs: list[list[list[float]]] = []
    limits = rules.LIMITS
    before: Any = None
    for one in fixes:
        if one[3] is not None and one[3] > limits.accuracy_m:
            continue
        if before is None or one[2] - before[2] > limits.jump_s:
            legs.append([])
        legs[-1].append([one[0], one[1]])
        before = one
    return [ground.line(leg, "before") for leg in legs if len(leg) > 1]


def of_finding(row: models.PatrolFinding) -> Feature:
    """Return a finding as a spot of the map."""
    over = row.job is not None and row.job.state in ("closed", "cancelled")
    return point(
        row.lon, row.lat,
        key=f"finding-{row.pk}", sign="job", rank=1,
        label=str(words.FINDINGS.get(row.kind, row.kind)),
        text=row.note[:120], note=f"{clock.local(row.found_at):%Y-%m-%d} {row.by}",
        href=reverse("patrol:finding", args=[row.pk]),
        tone="good" if over else "warning" if row.job_id else "bad",
    )  # fmt: skip


def of_site(row: models.ConstructionSite) -> Feature:
    """Return a construction site as a spot of the map."""
    label, colour = words.RISKS[row.risk]
    tone = {"red": "bad", "orange": "bad", "yellow": "warning"}.get(colour, "good")
    return point(
        row.lon, row.lat,
        key=f"site-{row.pk}", sign="job", rank=0 if tone == "bad" else 1,
        label=row.name, text=row.builder, note=str(label),
        href=reverse("patrol:site", args=[row.number]),
        tone="muted" if row.finished_at else tone,
    )  # fmt: skip


def of_hazard(one: queries.Hazard, label: str) -> Feature:
    """Return a repeat-hazard point as a spot of the map."""
    latest = max(one.findings, key=lambda row: (row.found_at, row.pk))
    return point(
        one.lon, one.lat,
        key=f"hazard-{one.pk}", label=label, text=hazard_kinds(one),
        note=f"{clock.local(one.latest_at):%Y-%m-%d}",
        href=reverse("patrol:finding", args=[latest.pk]), tone="bad",
    )  # fmt: skip


def hazard_kinds(one: queries.Hazard) -> str:
    """Say what was found at a repeat-hazard point, the most frequent first."""
    counts: dict[str, int] = {}
    for row in one.findings:
        counts[row.kind] = counts.get(row.kind, 0) + 1
    listed = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return formats.listed(f"{words.FINDINGS.get(kind, kind)} × {count}" for kind, count in listed)


def collection(features: Sequence[Feature]) -> dict[str, Any]:
    """Return features as GeoJSON."""
    return {"type": "FeatureCollection", "features": list(features)[:SPOTS_MAX]}
