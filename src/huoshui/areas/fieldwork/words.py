"""Names of the codes of fieldwork, as people read them."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.fieldwork.contracts import Found, JobKind, JobState, Priority

Words = str | Promise

STATES: dict[str, Words] = {
    JobState.REQUESTED: pgettext_lazy("job", "Requested"),
    JobState.ASSIGNED: pgettext_lazy("job", "Assigned"),
    JobState.DONE: pgettext_lazy("job", "Reported, to be checked"),
    JobState.CLOSED: pgettext_lazy("job", "Closed"),
    JobState.CANCELLED: pgettext_lazy("job", "Cancelled"),
}

STATE_COLOURS: dict[str, str] = {
    JobState.REQUESTED: "orange",
    JobState.ASSIGNED: "blue",
    JobState.DONE: "purple",
    JobState.CLOSED: "green",
    JobState.CANCELLED: "secondary",
}

KINDS: dict[str, Words] = {
    JobKind.LEAK_SEARCH: _("Find a leak"),
    JobKind.REPAIR: _("Repair"),
    JobKind.INSPECTION: _("Inspection"),
    JobKind.INSTRUMENT_CHECK: _("Check an instrument"),
    JobKind.OTHER: pgettext_lazy("job", "Other work"),
}

PRIORITIES: dict[str, Words] = {
    Priority.URGENT: pgettext_lazy("priority", "Urgent"),
    Priority.HIGH: pgettext_lazy("priority", "High"),
    Priority.NORMAL: pgettext_lazy("priority", "Normal"),
    Priority.LOW: pgettext_lazy("priority", "Low"),
}

PRIORITY_COLOURS: dict[str, str] = {
    Priority.URGENT: "red",
    Priority.HIGH: "orange",
    Priority.NORMAL: "secondary",
    Priority.LOW: "secondary",
}

FOUND: dict[str, Words] = {
    Found.LEAK_REPAIRED: _("Leak found and repaired"),
    Found.LEAK_FOUND_NOT_REPAIRED: _("Leak found, not repaired yet"),
    Found.NO_LEAK_FOUND: _("No leak found"),
    Found.OTHER: _("Something else, see note"),
}

STEPS: dict[str, Words] = {
    "requested": pgettext_lazy("job step", "Asked for"),
    "assigned": pgettext_lazy("job step", "Given to"),
    "reported": pgettext_lazy("job step", "Reported as done"),
    "returned": pgettext_lazy("job step", "Sent back to the crew"),
    "closed": pgettext_lazy("job step", "Checked and closed"),
    "cancelled": pgettext_lazy("job step", "Cancelled"),
    "accepted": pgettext_lazy("job step", "Accepted by the crew"),
    "arrived": pgettext_lazy("job step", "Crew arrived"),
    "reported_too": pgettext_lazy("job step", "Reported by a second person too"),
    "told_late": pgettext_lazy("job step", "Report came after the end"),
}
