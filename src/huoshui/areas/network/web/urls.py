"""Addresses of the network."""

from __future__ import annotations

from django.urls import path

from huoshui.areas.network.web import (
    area_cards,
    assets,
    attributes,
    changes,
    connections,
    exports,
    findings,
    pages,
    public,
    reports,
    tiles,
    tracing,
    valves,
    zone_units,
)

app_name = "network"

urlpatterns = [
    path("", pages.home, name="home"),
    path("map/", pages.network_map, name="map"),
    path("tiles/network/<int:zoom>/<int:x>/<int:y>.mvt", tiles.tile, name="tile"),
    assets.Assets.path("network/assets/", name="assets"),
    path("network/import/", exports.bring, name="import"),
    exports.ExportNetwork.path("network/export/", name="export"),
    path("network/export/<str:name>/", exports.exported, name="exported"),
    path("network/export/<str:name>/about/", exports.about_exported, name="about_exported"),
    attributes.BulkEdit.path("network/bulk-edit/", name="bulk_edit"),
    attributes.EditAsset.path("network/assets/<path:code>/edit/", name="edit"),
    valves.ReportTurn.path("network/assets/<path:code>/turn/", name="turn"),
    valves.ReportCondition.path("network/assets/<path:code>/condition/", name="look"),
    reports.Attach.path("network/assets/<path:code>/photos/", name="attach"),
    path("network/photos/<int:pk>/remove/", reports.detach, name="detach"),
    path("network/assets/<path:code>/trace/", tracing.page, name="trace"),
    assets.AssetDetail.path("network/assets/<path:code>/", name="asset"),
    findings.Findings.path("network/checks/", name="findings"),
    path("network/checks/run/", findings.run_checks, name="run_checks"),
    findings.FindingDetail.path("network/checks/<int:pk>/", name="finding"),
    findings.AcceptFinding.path("network/checks/<int:pk>/accept/", name="accept_finding"),
    path("network/checks/<int:pk>/reopen/", findings.reopen, name="reopen_finding"),
    changes.Changes.path("network/changes/", name="changes"),
    changes.ChangeDetail.path("network/changes/<int:pk>/", name="change"),
    changes.RefuseChange.path("network/changes/<int:pk>/refuse/", name="refuse_change"),
    path("network/changes/<int:pk>/<slug:deed>/", changes.do, name="change_deed"),
    connections.Connections.path("network/connections/", name="connections"),
    connections.ChoosePipe.path("network/connections/<path:code>/pipe/", name="choose_pipe"),
    connections.ConnectionDetail.path("network/connections/<path:code>/", name="connection"),
    path("network/labels/", public.sheet, name="labels"),
    public.Report.path("q/<str:token>/", name="public"),
    reports.Reports.path("network/reports/", name="reports"),
    reports.ReportDetail.path("network/reports/<int:pk>/", name="report"),
    path("network/reports/<int:pk>/settle/", reports.settle, name="settle_report"),
    pages.Zones.path("network/zones/", name="zones"),
    area_cards.Areas.path("network/areas/", name="areas"),
    area_cards.GiveTeam.path("network/areas/<path:code>/team/", name="give_team"),
    area_cards.AreaCard.path("network/areas/<path:code>/", name="area"),
    zone_units.ZoneUnit.path("network/zones/<path:code>/unit/", name="zone_unit"),
    pages.ZoneDetail.path("network/zones/<path:code>/", name="zone"),
]
