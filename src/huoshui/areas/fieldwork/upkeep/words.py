"""Names of the codes of maintenance, as people read them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.fieldwork.upkeep.rules import Outcome, Standing
from huoshui.areas.fieldwork.words import Words

STANDINGS: dict[str, tuple[Words, str]] = {
    Standing.TROUBLE: (pgettext_lazy("upkeep", "Cannot be asked for"), "red"),
    Standing.OVERDUE: (pgettext_lazy("upkeep", "Overdue"), "red"),
    Standing.ASKED: (pgettext_lazy("upkeep", "Job is out"), "blue"),
    Standing.SOON: (pgettext_lazy("upkeep", "Due within a week"), "orange"),
    Standing.LATER: (pgettext_lazy("upkeep", "Planned"), "green"),
    Standing.UNKNOWN: (pgettext_lazy("upkeep", "Hours not known"), "yellow"),
    Standing.RETIRED: (pgettext_lazy("upkeep", "Retired"), "secondary"),
}
OUTCOMES: dict[str, tuple[Words, str]] = {
    Outcome.ASKED: (pgettext_lazy("upkeep", "Job is out"), "blue"),
    Outcome.DONE: (pgettext_lazy("upkeep", "Done"), "green"),
    Outcome.MISSED: (pgettext_lazy("upkeep", "Missed"), "red"),
    Outcome.SKIPPED: (pgettext_lazy("upkeep", "Given up"), "secondary"),
}
LATE = (pgettext_lazy("upkeep", "Done late"), "orange")
TROUBLES: dict[str, Words] = {
    "fieldwork.unknown_place": _("The network has no such asset any more."),
    "fieldwork.no_such": _("The type of job is not offered any more."),
    "fieldwork.upkeep_asked_before": _(
        "This due date had its turn already; correct the day on which it was done last."
    ),
}
ANOTHER_TROUBLE = _("The job was refused; ask for it by hand to see why.")
DUE_BY: dict[str, Words] = {
    "days": pgettext_lazy("upkeep", "by days"),
    "hours": pgettext_lazy("upkeep", "by running hours"),
}
FIELDS: dict[str, Any] = {
    "code": pgettext_lazy("upkeep", "Plan number"),
    "name": pgettext_lazy("upkeep", "Work"),
    "asset_code": _("Asset number"),
    "job_type": _("Type of job"),
    "crew": pgettext_lazy("upkeep", "Crew in charge"),
    "instructions": pgettext_lazy("upkeep", "What to do, beyond the type's steps"),
    "every_days": _("Every so many days"),
    "every_hours": _("Every so many running hours"),
    "hours_point": _("Point of the running hours"),
    "runs_above": _("Runs while the point reads above"),
    "from_month": _("From month"),
    "until_month": _("Until month"),
    "window_from": pgettext_lazy("upkeep", "Of a day from"),
    "window_until": pgettext_lazy("upkeep", "Of a day until"),
    "heat_from": _("Rest from heat from"),
    "heat_until": _("Rest from heat until"),
    "heat_limit_c": _("Rest above"),
    "heat_point": _("Point of the temperature"),
    "is_routine": _("Routine: a missed day is not caught up"),
    "wants_photos": _("Photos before and after"),
    "ahead_days": _("Ask so many days before"),
    "done_date": _("Done last on"),
    "done_hours": _("Running hours then"),
    "is_retired": pgettext_lazy("upkeep", "Not followed any more"),
}
LINES: dict[str, Words] = {
    "quote": pgettext_lazy("case line", "Quote from outside"),
    "option": pgettext_lazy("case line", "Option"),
    "hours": pgettext_lazy("case line", "Hours worked"),
    "parts": pgettext_lazy("case line", "Parts from stock"),
    "bought": pgettext_lazy("case line", "Bought"),
    "observed": pgettext_lazy("case line", "Observation"),
    "sister": pgettext_lazy("case line", "Sister machine"),
}
LINE_FIELDS: dict[str, Any] = {
    "kind": pgettext_lazy("case line", "Kind"),
    "text": pgettext_lazy("case line", "What"),
    "who": pgettext_lazy("case line", "Firm or people"),
    "hours": pgettext_lazy("case line", "Hours"),
    "yuan": pgettext_lazy("case line", "Yuan"),
    "is_good": pgettext_lazy("case line", "Good"),
    "asset_code": _("Asset number"),
    "at": pgettext_lazy("case line", "When"),
}
