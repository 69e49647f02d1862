"""What stored codes are called on screens, and the colour that goes with each."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from huoshui.areas.telemetry.contracts import Quality

KINDS: dict[str, Any] = {
    "pressure": _("Pressure"),
    "flow": _("Flow"),
    "level": _("Water level"),
    "use": _("Customer use"),
}

QUALITIES: dict[int, tuple[Any, str]] = {
    Quality.GOOD: (_("Good"), "green"),
    Quality.ESTIMATED: (_("Estimated"), "azure"),
    Quality.DOUBTFUL: (_("Doubtful"), "orange"),
    Quality.BAD: (_("Bad"), "red"),
    Quality.MISSING: (_("No value"), "secondary"),
}

RULES: dict[str, Any] = {
    "limit_low_low": _("Far below the lower limit"),
    "limit_low": _("Below the lower limit"),
    "limit_high": _("Above the upper limit"),
    "limit_high_high": _("Far above the upper limit"),
    "no_data": _("No data"),
    "deviation": _("Deviation"),
}

PRIORITIES: dict[str, tuple[Any, str]] = {
    "critical": (_("Critical"), "red"),
    "high": (_("High"), "orange"),
    "medium": (_("Medium"), "yellow"),
    "low": (_("Low"), "azure"),
}

ALARM_STATES: dict[str, tuple[Any, str]] = {
    "active": (_("Not acknowledged"), "red"),
    "acknowledged": (_("Acknowledged"), "orange"),
    "cleared": (_("Cleared"), "green"),
}

CONNECTOR_STATES: dict[str, tuple[Any, str]] = {
    "connecting": (_("Connecting"), "azure"),
    "connected": (_("Connected"), "green"),
    "disconnected": (_("Not connected"), "red"),
    "stopped": (_("Stopped"), "secondary"),
    "silent": (_("No report"), "red"),
}

CONNECTOR_NOTES: dict[str, Any] = {
    "broker.no_answer": _("The broker does not answer."),
    "broker.not_let_in": _("The broker refuses our user name or password."),
    "broker.refused": _("The broker refuses the connection; the log says why."),
    "broker.connection_ended": _("The connection to the broker has ended."),
}

# The codes of the connectors' problems; their own English words go to the log and the API.
PROBLEMS: dict[str, Any] = {
    "payload.too_large": _("The message is too large."),
    "payload.not_json": _("The message is not JSON."),
    "payload.not_an_object": _("A JSON object was expected."),
    "payload.not_a_list": _("A list was expected."),
    "payload.too_many": _("Too many readings in one message."),
    "payload.form_unknown": _("The form of the message is not known."),
    "reading.not_an_object": _("A reading is not a JSON object."),
    "reading.point_missing": _("A reading names no point."),
    "reading.at_missing": _("A reading has no moment."),
    "reading.at_unreadable": _("A moment cannot be read."),
    "reading.at_without_zone": _("A moment has no time zone."),
    "reading.at_out_of_range": _("A moment is not between 2000 and 2099."),
    "reading.value_not_a_number": _("A value is not a number."),
    "reading.quality_unknown": _("A quality flag is not known."),
    "series.at_missing": _("A series has no moments."),
    "series.step_wrong": _("The step of a series is not usable."),
    "series.length_differs": _("A series has more or fewer values than moments."),
    "historian.not_stored": _("The historian could not write; it is tried again."),
}


def label_of(words: dict[str, Any], code: str) -> Any:
    """Return the label of a code; an unknown one shows as it is rather than as nothing."""
    found = words.get(code, code)
    return found[0] if isinstance(found, tuple) else found
