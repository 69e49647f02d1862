"""How alarms are named and drawn: sign beside colour, names instead of codes, what happened."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from huoshui.areas.telemetry import labels, models, queries_alarms
from huoshui.areas.telemetry.web import words
from huoshui.kernel.pages import kit

# Colour alone tells nothing to one man in twelve.
SIGNS = {"critical": "◆", "high": "▲", "medium": "■", "low": "●"}

DEEDS: dict[str, Any] = {
    "raised": _("Came up"),
    "returned": _("Returned to normal"),
    "acknowledged": _("Acknowledged"),
    "commented": _("Remark"),
    "shelved": _("Shelved"),
    "unshelved": _("Shelving ended"),
    "suppressed": _("Suppressed"),
    "unsuppressed": _("No longer suppressed"),
    "out_of_service": _("Taken out of service"),
    "in_service": _("Back in service"),
    "repeated": _("Sounded again"),
    "escalated": _("Escalated"),
    "reset": _("Reset"),
    "closed": _("Off the list"),
}

SUPPRESSIONS: dict[str, tuple[Any, str]] = {
    kind: words.ALARM_STATES[kind] for kind in ("shelved", "by_design", "out_of_service")
}

CAUSES: dict[str, Any] = {
    "burst": _("likely a burst: high flow at %(lead)s"),
    "tank": _("likely the tank: %(lead)s"),
    "demand_gone": _("likely water that nobody takes any more: %(lead)s"),
    "upstream": _("nearest to the source: %(lead)s"),
    "first": _("first at %(lead)s"),
    "line_lost": _("likely a lost line or source; first %(lead)s"),
}


def spoken_name(point: models.Point) -> str:
    """Return a point's name in the reader's language."""
    return point.name_zh if (get_language() or "zh").startswith("zh") else point.name_en


def place_name(row: models.Alarm, zones: dict[str, str]) -> str:
    """Return what an alarm is about, as people call it."""
    if row.point is not None:
        return spoken_name(row.point)
    return zones.get(row.zone_id or "", row.zone_id or "")


def zone_of(row: models.Alarm) -> str | None:
    """Return the code of the zone an alarm lies in."""
    return row.point.zone_id if row.point is not None else row.zone_id


def priority_badge(row: models.Alarm | models.AlarmRule) -> SafeString:
    """Return the priority with a sign of its own."""
    label, colour = words.PRIORITIES[row.priority]
    return kit.badge(f"{SIGNS[row.priority]} {label}", colour)


def state_badge(row: models.Alarm) -> SafeString:
    """Return the state after ISA-18.2."""
    return kit.badge(*words.ALARM_STATES[queries_alarms.state_of(row)])


def message(row: models.Alarm) -> str:
    """Return the alarm's sentence."""
    return labels.message_text(row.message, row.data)


def group_title(group: models.AlarmGroup, count: int) -> str:
    """Return what a group is called, such as "Low pressure at 37 points around n37"."""
    if group.cause == "burst":
        return ngettext(
            "Low pressure and high flow at %(n)d point",
            "Low pressure and high flow at %(n)d points",
            count,
        ) % {"n": count}
    names = {
        "losing": ngettext("Low pressure at %(n)d point", "Low pressure at %(n)d points", count),
        "rising": ngettext("High pressure at %(n)d point", "High pressure at %(n)d points", count),
        "silent": ngettext("No data from %(n)d point", "No data from %(n)d points", count),
    }
    return names[group.family] % {"n": count}


def cause_text(group: models.AlarmGroup) -> str:
    """Return the likely cause of a group, with the name of the alarm that points to it."""
    lead = group.lead.point
    return str(CAUSES[group.cause]) % {"lead": spoken_name(lead) if lead else ""}


def alarm_url(row: models.Alarm) -> str:
    """Return the alarm's own page."""
    return reverse("telemetry:alarm", args=[row.pk])


def first_mark() -> SafeString:
    """Return the sign of the alarm that came first."""
    return format_html(' <span class="badge hs-badge bg-purple-lt">{}</span>', gettext("First"))
