"""Addresses of the app of the crews."""

from django.urls import path

from huoshui.areas.fieldwork.phone.web import pages

urlpatterns = [
    path("", pages.app, name="app"),
    path("worker.js", pages.worker, name="worker"),
    path("parts/<str:name>", pages.map_worker, name="map_worker"),
    path("app.webmanifest", pages.manifest, name="manifest"),
]
