"""The ways to look at the cases of one type, as tabs above each of them."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huoshui.kernel.accounts import permissions
from huoshui.kernel.cases.declaring import CaseType
from huoshui.kernel.cases.web import addresses
from huoshui.kernel.pages import kit

WAYS = (
    ("list", _("List"), "list-details"),
    ("board", _("Board"), "layout-dashboard"),
    ("calendar", _("Calendar"), "calendar"),
    ("map", _("Map"), "map-pin"),
    ("figures", _("Figures"), "chart-bar"),
)


def bar(request: HttpRequest, case_type: CaseType, current: str) -> SafeString:
    """Return the tabs, the present one marked."""
    found = [
        {
            "label": label,
            "icon": icon,
            "url": addresses.way_url(code, case_type.code),
            "current": code == current,
        }
        for code, label, icon in WAYS
        if code != "map" or case_type.asks_place
    ]
    return render_to_string("cases/ways.html", {"ways": found}, request)


def buttons(request: HttpRequest, case_type: CaseType) -> tuple[SafeString, ...]:
    """Return the button that opens a new case, to those who may."""
    if not permissions.holds(request.user, case_type.permission("open")):
        return ()
    url = addresses.way_url("new", case_type.code)
    label = gettext("New: %(kind)s") % {"kind": case_type.label}
    return (kit.link_button(label, url, colour="primary", icon="plus"),)


def trail(case_type: CaseType) -> tuple[tuple[object, str], ...]:
    """Return the way back to the list of a type."""
    return ((case_type.name, addresses.list_url(case_type.code)),)
