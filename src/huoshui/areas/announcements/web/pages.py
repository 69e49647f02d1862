"""The list of announcements."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from huoshui.areas.announcements import queries
from huoshui.kernel.pages import kit


class AnnouncementList(kit.ListPage):
    """All announcements."""

    title = _("Announcements")
    permission = "announcements.read"
    url_name = "announcements:announcements"
    columns = (kit.Column("number", _("Number")),)

    def rows(self, request: HttpRequest) -> QuerySet[Any]:
        return queries.announcement_rows()
