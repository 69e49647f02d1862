"""Addresses of announcements."""

from __future__ import annotations

from huoshui.areas.announcements.web import pages

app_name = "announcements"
urlpatterns = [
    pages.AnnouncementList.path("announcements/", name="announcements"),
]
