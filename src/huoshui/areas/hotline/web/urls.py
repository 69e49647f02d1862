"""Addresses of the hotline."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

app_name = "hotline"
urlpatterns: list[URLPattern | URLResolver] = []
