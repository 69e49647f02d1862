"""What people see the parts of every case called."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

PRIORITIES = {
    "urgent": _("Urgent"),
    "high": _("High"),
    "normal": _("Normal"),
    "low": _("Low"),
}
KINDS = {
    "open": _("Open"),
    "waiting": _("Waiting"),
    "merged": _("With its original"),
    "done": _("Done"),
    "cancelled": _("Cancelled"),
}
PERSON = _("Who raised it")
AGREED_CLOCK = "agreed"
AGREED_LABEL = _("Agreed deadline")
# From the case that has the relation, and seen from the other one.
RELATIONS = {
    "duplicate_of": _("Duplicate of"),
    "caused_by": _("Caused by"),
    "part_of": _("Part of"),
}
RELATIONS_BACK = {
    "duplicate_of": _("Has the duplicate"),
    "caused_by": _("Led to"),
    "part_of": _("Has the part"),
}
STEPS = {
    "opened": _("Opened"),
    "moved": _("Moved"),
    "edited": _("Fields changed"),
    "assigned": _("Responsibility given"),
    "noted": _("Note"),
    "paused": _("Clocks stopped"),
    "resumed": _("Clocks go on"),
    "called_back": _("Called back"),
    "reopened": _("Reopened"),
    "related": _("Related"),
    "unrelated": _("Relation removed"),
    "merged": _("Merged into its original"),
    "unmerged": _("Separated from its original"),
    "closed_with_original": _("Closed with its original"),
    "original_reopened": _("Its original was reopened"),
    "warned": _("Warned of a deadline"),
    "breached": _("Deadline missed"),
    "escalated": _("Escalated"),
    "mended": _("Brought into the present"),
}
DEEDS = {
    "case_opened": _("Case opened"),
    "case_moved": _("Case moved"),
    "case_edited": _("Case changed"),
    "case_assigned": _("Case given to somebody"),
    "case_noted": _("Note on a case"),
    "case_paused": _("Clocks of a case stopped"),
    "case_resumed": _("Clocks of a case started again"),
    "case_called_back": _("Call-back on a case"),
    "case_reopened": _("Case reopened"),
    "case_related": _("Cases related"),
    "case_unrelated": _("Relation of cases removed"),
    "case_mended": _("Case brought into the present"),
    "personal_read": _("Personal data of a case read"),
    "day_set": _("Local working day set"),
    "day_cleared": _("Local working day removed"),
}
