"""Where cases are: the network's maps in the places that the kernel's pages of cases leave open."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from huoshui.areas.network import layers, small_map
from huoshui.areas.network.contracts import LegendEntry, MapLayer
from huoshui.kernel import slots
from huoshui.kernel.pages.templatetags.huoshui import island


def register() -> None:
    """Draw cases in the kernel's pages, and as a layer of the map; each reader sees their own."""
    slots.fill("cases.place", of_case, permission="network.read")
    slots.fill("cases.pick_place", picker, permission="network.read")
    slots.fill("cases.map", of_list, permission="network.read")
    layers.register_layer(
        MapLayer(
            id="open_cases",
            label=_("Open cases"),  # type: ignore[arg-type]
            kind="points",
            url="/api/v1/cases/map",
            order=70,
            refresh_s=30,
            # The colours of `kernel/cases/web/api.py`.
            legend=(
                LegendEntry(colour="#d6293e", label=_("Late")),  # type: ignore[arg-type]
                LegendEntry(colour="#d08700", label=_("Soon due")),  # type: ignore[arg-type]
                LegendEntry(colour="#8a4fbf", label=_("In time")),  # type: ignore[arg-type]
            ),
        )
    )


def of_case(request: HttpRequest, *, lon: float, lat: float, **_more: Any) -> SafeString:
    """Draw the place of one case."""
    drawn = island("network/asset-map", small_map.of_spot(lon, lat), height="300px")
    return format_html('<section class="card nw-map-card">{}</section>', drawn)


def picker(request: HttpRequest, **_more: Any) -> SafeString:
    """Draw the map by which a form asks where something is."""
    drawn = island("network/place-picker", small_map.of_picker(), height="320px")
    return format_html('<div class="nw-map-card mt-2">{}</div>', drawn)


def of_list(request: HttpRequest, *, spots_url: str, **_more: Any) -> SafeString:
    """Draw the places of all cases of a list."""
    drawn = island("network/spots-map", small_map.of_spots(spots_url), height="68vh")
    return format_html('<section class="card nw-map-card">{}</section>', drawn)
