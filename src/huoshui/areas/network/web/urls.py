"""Addresses of the network."""

from __future__ import annotations

from django.urls import path

from huoshui.areas.network.web import edit, pages, tiles

app_name = "network"

urlpatterns = [
    path("", pages.home, name="home"),
    path("map/", pages.network_map, name="map"),
    path("tiles/network/<int:zoom>/<int:x>/<int:y>.mvt", tiles.tile, name="tile"),
    pages.Assets.path("network/assets/", name="assets"),
    edit.ImportNetwork.path("network/import/", name="import"),
    edit.EditAsset.path("network/assets/<path:code>/edit/", name="edit"),
    pages.AssetDetail.path("network/assets/<path:code>/", name="asset"),
    pages.Zones.path("network/zones/", name="zones"),
    pages.ZoneDetail.path("network/zones/<path:code>/", name="zone"),
]
