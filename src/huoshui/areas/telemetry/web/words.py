"""What stored codes are called on screens, and the colour that goes with each."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.telemetry.contracts import Quality

KINDS: dict[str, Any] = {
    "pressure": _("Pressure"),
    "flow": _("Flow"),
    "level": _("Water level"),
    "use": _("Customer use"),
    "running_hours": pgettext_lazy("point kind", "Running hours"),
    "temperature": pgettext_lazy("point kind", "Temperature"),
    "vibration": pgettext_lazy("point kind", "Vibration"),
    "power": pgettext_lazy("point kind", "Power"),
    "current": pgettext_lazy("point kind", "Electric current"),
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
    "rate": _("Changes too fast"),
    "flat": _("Does not change"),
    "expression": _("Condition of a rule"),
}

PRIORITIES: dict[str, tuple[Any, str]] = {
    "critical": (_("Critical"), "red"),
    "high": (pgettext_lazy("telemetry", "High"), "orange"),
    "medium": (_("Medium"), "yellow"),
    "low": (pgettext_lazy("telemetry", "Low"), "azure"),
}

ALARM_STATES: dict[str, tuple[Any, str]] = {
    "active": (_("Not acknowledged"), "red"),
    "acknowledged": (_("Acknowledged"), "orange"),
    "returned": (_("Returned, not acknowledged"), "yellow"),
    "latched": (_("Held until reset"), "purple"),
    "shelved": (_("Shelved"), "azure"),
    "by_design": (_("Suppressed by design"), "azure"),
    "out_of_service": (_("Out of service"), "secondary"),
    "cleared": (_("Cleared"), "green"),
}

CONNECTOR_STATES: dict[str, tuple[Any, str]] = {
    "connecting": (_("Connecting"), "azure"),
    "connected": (_("Connected"), "green"),
    "disconnected": (_("Not connected"), "red"),
    "stopped": (_("Stopped"), "secondary"),
    "silent": (_("No report"), "red"),
    "paused": (_("Paused"), "secondary"),
    "waiting": (_("Waiting"), "azure"),
}


def label_of(words: dict[str, Any], code: str) -> Any:
    """Return the label of a code; an unknown one shows as it is rather than as nothing."""
    found = words.get(code, code)
    return found[0] if isinstance(found, tuple) else found
