"""Addresses of telemetry."""

from __future__ import annotations

from django.urls import path

from huoshui.areas.telemetry.web import (
    alarm_urls,
    corrections,
    export,
    mimics,
    point_settings,
    points,
    retention,
    source_setup,
    sources,
    trends,
    unknown,
)

app_name = "telemetry"

urlpatterns = [
    points.Points.path("telemetry/points/", name="points"),
    points.PointPage.path("telemetry/points/<path:code>/", name="point"),
    point_settings.ChangeMany.path("telemetry/point-settings/", name="change-many"),
    point_settings.ChangePoint.path("telemetry/point-settings/<path:code>/", name="change-point"),
    path("telemetry/trends/", trends.trends, name="trends"),
    path("telemetry/trends/views/save/", trends.save_view, name="save-trend-view"),
    path(
        "telemetry/trends/views/<int:view_id>/remove/",
        trends.remove_view,
        name="remove-trend-view",
    ),
    trends.RemarkList.path("telemetry/trends/remarks/", name="remarks"),
    corrections.Corrections.path("telemetry/corrections/", name="corrections"),
    corrections.Correct.path("telemetry/corrections/add/<path:code>/", name="correct"),
    retention.Retention.path("telemetry/retention/", name="retention"),
    retention.Deletions.path("telemetry/retention/deletions/", name="deletions"),
    retention.ChangeRetention.path("telemetry/retention/<slug:code>/", name="retention_change"),
    path("telemetry/corrections/<int:number>/undo/", corrections.undo, name="correction_undo"),
    path("telemetry/export/", export.export, name="export"),
    *alarm_urls.urlpatterns,
    mimics.Mimics.path("telemetry/mimics/", name="mimics"),
    mimics.SaveMimic.path("telemetry/mimics/new/", name="new-mimic"),
    path("telemetry/mimics/<slug:code>/", mimics.mimic, name="mimic"),
    mimics.SaveMimic.path("telemetry/mimics/<slug:code>/edit/", name="mimic-edit"),
    path("telemetry/mimics/<slug:code>/bindings/", mimics.bindings, name="mimic-bindings"),
    path("telemetry/mimics/<slug:code>/remove/", mimics.remove, name="mimic-remove"),
    path("telemetry/mimics/restore/<int:version_id>/", mimics.restore, name="mimic-restore"),
    sources.Sources.path("telemetry/sources/", name="sources"),
    unknown.UnknownCodes.path("telemetry/unknown/", name="unknown"),
    path("telemetry/unknown/adopt/", unknown.adopt, name="adopt"),
    path("telemetry/unknown/forget/", unknown.forget, name="forget"),
    path("telemetry/sources/add/", source_setup.kinds, name="source_kinds"),
    source_setup.SourceFormPage.path("telemetry/sources/add/<slug:connector>/", name="source_add"),
    sources.SourcePage.path("telemetry/sources/<slug:code>/", name="source"),
    source_setup.SourceFormPage.path("telemetry/sources/<slug:code>/edit/", name="source_edit"),
    path("telemetry/sources/<slug:code>/check/", source_setup.check, name="source_check"),
    path("telemetry/sources/<slug:code>/pause/", source_setup.pause, name="source_pause"),
    path("telemetry/sources/<slug:code>/remove/", source_setup.remove, name="source_remove"),
]
