"""Addresses of hotline."""

from __future__ import annotations

from huoshui.areas.hotline.web import pages

app_name = "hotline"
urlpatterns = [
    pages.CallList.path("hotline/", name="calls"),
    pages.NewCall.path("hotline/add/", name="add"),
]
