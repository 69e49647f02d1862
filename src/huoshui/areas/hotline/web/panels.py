"""What the hotline shows on the pages of cases: who called, and what a case is about."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from huoshui.areas.hotline import words
from huoshui.areas.hotline.models import Call, CityTicket, Incident
from huoshui.kernel import cases
from huoshui.kernel.accounts import personal
from huoshui.kernel.pages import formats

SHOWN = 8


def case_calls(request: HttpRequest, *, case: cases.CaseFact, **_more: Any) -> SafeString | None:
    """Show who called about a case, and the incident where several did."""
    rows = Call.objects.select_related("topic").filter(case_number=case.number)
    calls = [
        {"at": row.began_at, "url": reverse("hotline:call", args=[row.pk]), "note": row.note,
         "number": personal.phone_for(request.user, row.caller_number),
         "topic": words.topic_name(row.topic) if row.topic else "", "place": row.place}
        for row in rows.order_by("-began_at")[:SHOWN]
    ]  # fmt: skip
    if not calls:
        return None
    incident = Incident.objects.filter(case_number=case.number).order_by("-opened_at").first()
    values = {"calls": calls, "incident": incident.pk if incident else None}
    return render_to_string("hotline/calls_panel.html", values, request=request)


def case_link(request: HttpRequest, *, kind: str, code: str, **_more: Any) -> SafeString | None:
    """Draw what a case is about where that is a call or a ticket of the city's line."""
    if kind == "hotline.call" and code.isdigit():
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
