"""Addresses of telemetry."""

from __future__ import annotations

from django.urls import path

from huoshui.areas.telemetry.web import alarms, export, points, sources

app_name = "telemetry"

urlpatterns = [
    points.Points.path("telemetry/points/", name="points"),
    points.PointPage.path("telemetry/points/<path:code>/", name="point"),
    path("telemetry/compare/", points.compare, name="compare"),
    path("telemetry/export/", export.export, name="export"),
    alarms.Alarms.path("telemetry/alarms/", name="alarms"),
    path("telemetry/alarms/<int:alarm_id>/acknowledge/", alarms.acknowledge, name="acknowledge"),
    sources.Sources.path("telemetry/sources/", name="sources"),
]
