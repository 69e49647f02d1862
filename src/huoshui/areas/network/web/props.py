"""What the map islands are given by the page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from huoshui.areas.network import attributes, contracts, layers, queries, remembered, small_map
from huoshui.kernel.accounts import permissions


def of_map(request: HttpRequest) -> dict[str, Any]:
    """Return what the map page's island needs: counts, layers, colourings, addresses."""
    allowed = permissions.of_user(request.user)
    return {
        **small_map.base(bounds=remembered.of_revision("bounds", queries.bounds)),
        "search_url": reverse("api:network-search"),
        "trace_url": reverse("api:network-trace"),
        "past_url": reverse("api:network-geojson"),
        "connection_url": reverse("network:connection", args=["CODE"]),
        "editor": _editor() if "network.edit" in allowed else None,
        "counts": [
            [row["diameter_mm"], row["material"], row["laid_year"], row["pipes"]]
            for row in remembered.of_revision("counts", queries.counts)
        ],
        "layers": [
            _layer(layer) for layer in layers.registered_layers() if layer.permission in allowed
        ],
        "colorings": [
            {
                "id": one.id,
                "label": str(one.label),
                "unit": str(one.unit),
                "url": str(one.url),
                "breaks": one.breaks,
                "decimals": one.decimals,
                "refresh_s": one.refresh_s,
            }
            for one in layers.registered_colorings()
            if one.permission in allowed
        ],
    }


def _editor() -> dict[str, Any]:
    """Return what drawing changes needs: the API, and the attributes of each kind."""
    return {
        "changes_url": reverse("api:network-changes"),
        "attributes": {
            kind: [
                {
                    "code": one.code,
                    "label": str(one.label),
                    "unit": one.unit,
                    "type": one.type.value,
                    "choices": [[code, str(label)] for code, label in one.choices.items()]
                    if one.choices
                    else None,
                }
                for one in attributes.TABLE
                if kind in one.kinds
            ]
            for kind in contracts.Kind
        },
    }


def _layer(layer: contracts.MapLayer) -> dict[str, Any]:
    return {
        "id": layer.id,
        "label": str(layer.label),
        "kind": layer.kind,
        "url": str(layer.url),
        "stream": layer.stream,
        "shown": layer.shown,
        "refresh_s": layer.refresh_s,
        "legend": [
            {"colour": entry.colour, "label": str(entry.label), "shape": entry.shape}
            for entry in layer.legend
        ],
    }
