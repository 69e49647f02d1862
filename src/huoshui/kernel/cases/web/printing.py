"""One case on paper: A4, with everything a reader may see and a code that leads back to it."""

from __future__ import annotations

import io
from typing import Any

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe

from huoshui.kernel.accounts import permissions
from huoshui.kernel.cases import reading
from huoshui.kernel.cases.web import addresses, case, seen, shown, timeline
from huoshui.kernel.organisation import tree


def code_of(address: str) -> SafeString:
    """Draw an address as a code that a telephone reads."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, nl=False, omitsize=True, title=address
    )
    return mark_safe(out.getvalue().decode())


@permissions.signed_in
def printed(request: HttpRequest, number: str) -> HttpResponse:
    """Show a case as a sheet to print; personal data stays masked."""
    row = seen.case_or_refusal(request.user, number)
    unit = tree.on().nodes.get(row.unit_id or 0)
    context: dict[str, Any] = {
        "title": f"{row.number} {row.title}",
        "case": row,
        "type_label": reading.type_label(row.type_code),
        "state": reading.state_label(row),
        "priority": shown.PRIORITY_BADGES[row.priority][0],
        "channel": reading.label_in(row.type_code, "channels", row.channel),
        "unit": unit.name if unit else "",
        "person": reading.person_of(row, masked=True),
        "fields": case.field_facts(row, masked=True),
        "clocks": case.clocks_of(row),
        "relations": case.relations_of(request.user, row),
        "steps": list(reversed(timeline.lines(row))),
        "qr": code_of(request.build_absolute_uri(addresses.case_url(row.number))),
        "back_url": addresses.case_url(row.number),
    }
    return render(request, "cases/print.html", context)
