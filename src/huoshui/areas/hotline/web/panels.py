"""What the hotline shows on pages of others: who called about a case, an account, an estate."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from huoshui.areas.hotline import rules, words
from huoshui.areas.hotline.models import Call, CityTicket, Incident
from huoshui.areas.hotline.web import numbers
from huoshui.kernel import cases
from huoshui.kernel.pages import formats

SHOWN = 8


def account_calls(request: HttpRequest, *, account_code: str, **_more: Any) -> SafeString | None:
    """Show the latest calls about an account."""
    return _calls(request, Call.objects.filter(account_code=account_code))


def estate_calls(request: HttpRequest, *, estate_code: str, **_more: Any) -> SafeString | None:
    """Show the latest calls from an estate."""
    return _calls(request, Call.objects.filter(estate_code=estate_code))


def _calls(
    request: HttpRequest, rows: QuerySet[Call], incident: int | None = None
) -> SafeString | None:
    calls = [
        {"at": row.began_at, "url": reverse("hotline:call", args=[row.pk]), "note": row.note,
         "number": numbers.in_list(row),
         "topic": words.topic_name(row.topic) if row.topic else "", "place": row.place}
        for row in rows.select_related("topic").order_by("-began_at")[:SHOWN]
    ]  # fmt: skip
    if not calls:
        return None
    values = {"calls": calls, "incident": incident}
    return render_to_string("hotline/calls_panel.html", values, request=request)


def case_calls(request: HttpRequest, *, case: cases.CaseFact, **_more: Any) -> SafeString | None:
    """Show who called about a case, and the incident where several did."""
    incident = Incident.objects.filter(case_number=case.number).order_by("-opened_at").first()
    rows = Call.objects.filter(case_number=case.number)
    return _calls(request, rows, incident.pk if incident else None)


def case_link(request: HttpRequest, *, kind: str, code: str, **_more: Any) -> SafeString | None:
    """Draw what a case is about where that is a call or a ticket of the city's line."""
    if kind == "hotline.call" and rules.is_key(code):
        row = Call.objects.filter(pk=int(code)).first()
        if row is not None:
            said = gettext("Call of %(when)s") % {"when": formats.moment(row.began_at)}
            url = reverse("hotline:call", args=[row.pk])
            return format_html('<a href="{}">{}</a>', url, said)
    if kind == "hotline.city_ticket" and CityTicket.objects.filter(number=code).exists():
        url = f"{reverse('hotline:city-tickets')}?q={code}"
        said = gettext("Ticket %(number)s of the city line") % {"number": code}
        return format_html('<a href="{}">{}</a>', url, said)
    return None
