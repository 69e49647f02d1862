"""Tickets of the city's line, and what repeats among them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.hotline import words
from huoshui.areas.hotline.models import CityTicket
from huoshui.areas.hotline.web.popped import address
from huoshui.areas.hotline.web.topics import _groups as groups
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit

PERMISSION = "hotline.city_line"
REPEATED_WITHIN = timedelta(days=180)


def _standing(rows: Any, wanted: str) -> Any:
    if wanted == "late":
        return rows.filter(replied_at__isnull=True, due_at__lt=clock.now())
    return rows.filter(replied_at__isnull=wanted == "open")


def _case(row: Any) -> str | None:
    return address("cases:case", row.case_number) or None if row.case_number else None


def _late(row: CityTicket) -> bool:
    return (row.replied_at or clock.now()) > row.due_at


class CityTickets(kit.ListPage):
    """All tickets, those due first that are not answered."""

    title = _("City line 12345")
    permission = PERMISSION
    url_name = "hotline:city-tickets"
    columns = (
        kit.Column("number", _("Ticket"), href=_case),
        kit.Column("received_at", _("Received"), format="moment"),
        kit.Column("due_at", _("Deadline"), format="moment"),
        kit.Column("topic", pgettext_lazy("call", "Topic"), sort="topic__order",
                   value=lambda row: words.topic_name(row.topic) if row.topic else ""),
        kit.Column("text", _("What is asked"), sort=False, phone=False,
                   value=lambda row: row.text[:80]),
        kit.Column("address", _("Address"), phone=False),
        kit.Column("replied_at", _("Replied"), format="moment"),
        kit.Column("satisfaction", _("Satisfaction"), badge=words.SATISFACTION),
        kit.Column("case_number", _("Case"), href=_case, optional=True),
        kit.Column("reply", _("Reply"), optional=True, sort=False),
        kit.Column("survey", _("Found on site"), optional=True, sort=False),
    )  # fmt: skip
    search = ("number", "text", "address", "case_number")
    default_sort = "due_at"
    filters = (
        kit.ChoiceFilter("standing", _("Which"), apply=_standing, choices=(
            ("open", _("Not answered")), ("late", _("Late")), ("done", _("Answered")))),
        kit.ChoiceFilter("group", _("Below"), field="topic__above__code", choices=groups),
        kit.ChoiceFilter("satisfaction", _("Satisfaction"),
                         choices=lambda: words.choices(words.SATISFACTION)),
        kit.PeriodFilter("received_at", _("Received")),
    )  # fmt: skip
    empty = _("No ticket was brought in yet. Import the file that the city's line gives out.")

    def rows(self, request: HttpRequest) -> QuerySet[CityTicket]:
        return CityTicket.objects.select_related("topic", "topic__above")

    def row_css(self, row: CityTicket) -> str:
        return "hs-row-alert" if row.replied_at is None and _late(row) else ""

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        found = [kit.link_button(_("What repeats"), reverse("hotline:repeated"), icon="history")]
        if permissions.holds(request.user, PERMISSION):
            url = address("intake:bring", "city_tickets")
            if url:
                found.append(kit.link_button(_("Import tickets"), url, icon="upload"))
        return found


class Repeated(kit.ListPage):
    """Issues that came to the city's line more than once in half a year."""

    title = _("What repeats at the city line")
    permission = PERMISSION
    url_name = "hotline:repeated"
    columns = (
        kit.Column("topic", pgettext_lazy("call", "Topic"), value=lambda row: row["name"]),
        kit.Column("place", _("Address"), value=lambda row: row["place"]),
        kit.Column("times", _("Tickets"), format="d"),
        kit.Column("callers", _("Callers"), format="d"),
        kit.Column("discontent", _("Not content"), format="d"),
        kit.Column("latest", _("Latest"), format="moment"),
    )
    search = ("name", "place")
    default_sort = "-times"
    empty = _("Nothing has come twice in the last half year.")

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        return ((_("City line 12345"), reverse("hotline:city-tickets")),)

    def rows(self, request: HttpRequest) -> list[dict[str, Any]]:
        since = clock.now() - REPEATED_WITHIN
        found = (
            CityTicket.objects.filter(received_at__gte=since)
            .exclude(issue_key="")
            .values("issue_key", "topic__name_zh", "topic__name_en")
            .annotate(
                times=Count("pk"),
                callers=Count("caller_key", distinct=True),
                discontent=Count("pk", filter=Q(satisfaction="discontent")),
                latest=Max("received_at"),
            )
            .filter(times__gt=1)
        )
        return [
            {**row, "name": words.said(row["topic__name_zh"] or "", row["topic__name_en"] or ""),
             "place": row["issue_key"].partition("|")[2]}
            for row in found
        ]  # fmt: skip
