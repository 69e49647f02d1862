"""Names of the codes of fieldwork, as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from huoshui.areas.fieldwork.contracts import (
    Cause,
    Found,
    JobKind,
    JobState,
    Moved,
    PlanState,
    Priority,
)

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
    Found.METER_EXCHANGED: _("Meter exchanged"),
    Found.THAWED: _("Frozen; thawed"),
    Found.REPAIRED: _("Something else repaired"),
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
    "taken_back": pgettext_lazy("job step", "Taken back from the crew"),
    "set_off": pgettext_lazy("job step", "On the way"),
    "priority_set": pgettext_lazy("job step", "Priority changed"),
    "repaired": pgettext_lazy("job step", "Repaired"),
    "water_back": pgettext_lazy("job step", "Water is back"),
    "timed": pgettext_lazy("job step", "Moments put right"),
    "put_off": pgettext_lazy("job step", "Put off"),
}

CAUSES: dict[str, Words] = {
    Cause.FROST: pgettext_lazy("cause", "Frost"),
    Cause.AGEING: pgettext_lazy("cause", "Age and corrosion"),
    Cause.JOINT: pgettext_lazy("cause", "Joint"),
    Cause.THIRD_PARTY: pgettext_lazy("cause", "Building work of others"),
    Cause.GROUND: pgettext_lazy("cause", "Ground moved, load from above"),
    Cause.PRESSURE: pgettext_lazy("cause", "Pressure surge"),
    Cause.FITTING: pgettext_lazy("cause", "Valve, meter or fitting"),
    Cause.OTHER: pgettext_lazy("cause", "Another cause"),
}

PLAN_STATES: dict[str, tuple[Words, str]] = {
    PlanState.COMPUTING: (pgettext_lazy("plan", "Being computed"), "blue"),
    PlanState.PROPOSED: (pgettext_lazy("plan", "Proposed"), "orange"),
    PlanState.ACCEPTED: (pgettext_lazy("plan", "Accepted"), "green"),
    PlanState.PUT_ASIDE: (pgettext_lazy("plan", "Put aside"), "secondary"),
    PlanState.FAILED: (pgettext_lazy("plan", "Not computed"), "red"),
}

# Why a job stayed out of a plan, and which rule a person's order breaks.
REASONS: dict[str, Words] = {
    "elsewhere": _("no crew of the unit in charge of this place is at work"),
    "no_skill": _("no crew has the skills"),
    "no_parts": _("no crew that could carries the parts"),
    "no_time": _("no crew can be there in time"),
    "parts_used_up": _("the parts are promised to other jobs"),
    "teams_full": _("the crews have no time left"),
    "no_place": _("the job has no place"),
    "taken_out": _("taken out by hand"),
}
RULES: dict[str, Words] = {
    "skill": _("lacks a skill"),
    "parts": _("lacks parts"),
    "window": _("too late for the time window"),
    "shift": _("the shift ends before it is done"),
    "off": _("not at work"),
    "nowhere": _("nobody knows where it is"),
    "no_place": _("the job has no place"),
    "pinned": _("with another crew"),
    "ground": _("of another unit"),
    "once": _("planned twice"),
    "travel": _("no time for the way"),
    "full": _("has as many jobs ahead as it may"),
}
# Why a job waits where no crew can be named.
NOBODY: dict[str, Words] = {
    "no_crew": _("there is no crew"),
    "off": _("no crew is at work"),
    "nowhere": _("nobody knows where the crews are"),
    "no_place": _("the job has no place"),
}
# The reasons by which waiting jobs are counted.
WAITS: dict[str, Words] = {
    "able": _("a crew could take it; not given yet"),
    "full": _("the able crews have as many jobs ahead as they may"),
    "skill": _("no crew at work has the skills"),
    "parts": _("no able crew carries the parts"),
    "window": _("no crew can be there within the time window"),
    "shift": _("no shift is long enough for it"),
    **NOBODY,
}

MOVED: dict[str, tuple[Words, str]] = {
    Moved.RECEIVED: (pgettext_lazy("stock", "Received"), "green"),
    Moved.LOADED: (pgettext_lazy("stock", "Moved to another store"), "blue"),
    Moved.ISSUED: (pgettext_lazy("stock", "Issued to a job"), "orange"),
    Moved.RETURNED: (pgettext_lazy("stock", "Returned from a job"), "green"),
    Moved.COUNTED: (pgettext_lazy("stock", "Counted"), "purple"),
    Moved.SCRAPPED: (pgettext_lazy("stock", "Scrapped"), "red"),
}
OUTLOOKS: dict[str, tuple[Words, str]] = {
    "short": (pgettext_lazy("stock", "Does not reach"), "red"),
    "low": (pgettext_lazy("stock", "Below the minimum"), "orange"),
    "enough": (pgettext_lazy("stock", "Enough"), "green"),
}


def why_waiting(crew: str, faults: Sequence[str], lacking: Sequence[str]) -> str:
    """Say why a job waits: of the crew that comes nearest, or that there is none.

    ``lacking`` are names of skills and parts.
    """
    if not crew:
        return str(NOBODY.get(faults[0], faults[0])) if faults else ""
    if not faults:
        return gettext("%(crew)s could take it; not given yet") % {"crew": crew}
    said = pgettext("list", ", ").join(str(RULES.get(one, one)) for one in faults)
    if lacking:
        said += pgettext("list", " (%s)") % pgettext("list", ", ").join(lacking)
    return gettext("Nearest is %(crew)s: %(why)s") % {"crew": crew, "why": said}


def name_of(row: Any) -> str:
    """Return the name of something that has one in Chinese and one in English."""
    if row is None:
        return ""
    chinese = (get_language() or "").startswith("zh")
    return str(row.name_zh if chinese else row.name_en)


def work_of(job: Any) -> str:
    """Return what sort of work a job is: its type, or its kind where it has none."""
    return name_of(job.job_type) or str(KINDS[job.kind])
