"""Names of the codes of emergency support, as people read them."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.surge.contracts import Kind, ProposalState, RiskReason, WarnedHow

Words = str | Promise

KINDS: dict[str, tuple[Words, str]] = {
    Kind.COLD: (pgettext_lazy("surge", "Cold wave"), "blue"),
    Kind.HEAT: (pgettext_lazy("surge", "Heat"), "orange"),
    Kind.STORM: (pgettext_lazy("surge", "Storm and flood"), "purple"),
    Kind.BURST: (pgettext_lazy("surge", "Burst main"), "red"),
    Kind.OTHER: (pgettext_lazy("surge", "Other trouble"), "secondary"),
}
RISK_REASONS: dict[str, Words] = {
    RiskReason.EXPOSED_METER: _("Meter exposed to frost"),
    RiskReason.SPECIAL_CARE: _("In special care"),
    RiskReason.FROZEN_BEFORE: _("Frozen before"),
    RiskReason.OTHER: pgettext_lazy("surge", "Another reason"),
}
WARNED_HOW: dict[str, Words] = {
    WarnedHow.VISIT: pgettext_lazy("surge", "At the door"),
    WarnedHow.PHONE: pgettext_lazy("surge", "By telephone"),
    WarnedHow.GROUP: pgettext_lazy("surge", "In the owners' chat group"),
    WarnedHow.PROPERTY: pgettext_lazy("surge", "Through the property manager"),
}
PROPOSAL_STATES: dict[str, tuple[Words, str]] = {
    ProposalState.OPEN: (pgettext_lazy("surge", "To be decided"), "orange"),
    ProposalState.DECLARED: (pgettext_lazy("surge", "Declared"), "red"),
    ProposalState.SET_ASIDE: (pgettext_lazy("surge", "Set aside"), "secondary"),
}
PRIORITIES: dict[str, Words] = {
    "urgent": pgettext_lazy("surge priority", "Urgent"),
    "high": pgettext_lazy("surge priority", "High"),
    "normal": pgettext_lazy("surge priority", "Normal"),
    "low": pgettext_lazy("surge priority", "Low"),
}
PRIORITY_BADGES: dict[str, tuple[Words, str]] = {
    code: (label, colour)
    for (code, label), colour in zip(
        PRIORITIES.items(), ("red", "orange", "secondary", "secondary"), strict=True
    )
}
TERMS: dict[str, Words] = {
    "care": pgettext_lazy("surge rank", "Special care"),
    "households": pgettext_lazy("surge rank", "Households"),
    "waiting": pgettext_lazy("surge rank", "Waiting"),
    "temperature": pgettext_lazy("surge rank", "Temperature"),
}
STATES: dict[str, tuple[Words, str]] = {
    "open": (pgettext_lazy("surge", "Waits"), "orange"),
    "done": (pgettext_lazy("surge", "Done on site"), "green"),
    "cancelled": (pgettext_lazy("surge", "Cancelled"), "secondary"),
    "requested": (pgettext_lazy("surge", "Without a crew"), "red"),
    "assigned": (pgettext_lazy("surge", "With a crew"), "blue"),
    "closed": (pgettext_lazy("surge", "Checked"), "green"),
}
# Why a repair has no crew, besides what fieldwork found when it looked for one.
WAITING: dict[str, Words] = {
    "not_sent": _("no job was asked for yet"),
    "job_cancelled": _("its job was cancelled"),
    "not_looked": _("no crew was looked for yet"),
    # As reports of before say it.
    "not_planned": _("not planned yet"),
}
RESULTS: dict[str, Words] = {
    "repaired": pgettext_lazy("surge", "Repaired"),
    "meter_exchanged": _("Meter exchanged"),
    "thawed": _("Thawed"),
    "nothing_found": _("Nothing found"),
    "customers_own": _("Belongs to the customer; advised"),
    "leak_repaired": _("Leak found and repaired"),
    "leak_found_not_repaired": _("Leak found, not repaired yet"),
    "no_leak_found": _("No leak found"),
    "other": pgettext_lazy("surge", "Something else"),
    "open": pgettext_lazy("surge", "Not done yet"),
    "": pgettext_lazy("surge", "Not said"),
}
METER_PROBLEMS: dict[str, Words] = {
    "": _("yes"),
    "unknown_meter": _("No: the old meter is not known"),
    "number_taken": _("No: the new number is taken"),
    "other_account": _("No: the old meter belongs to another account"),
}
# Figures in the groups of the report: title, and (code, label).
GROUPS: tuple[tuple[Words, tuple[tuple[str, Words], ...]], ...] = (
    (pgettext_lazy("surge", "Calls"), (
        ("calls", _("Calls in all")),
        ("enquiries", _("Enquiries")),
        ("repairs", _("Calls about repairs")),
        ("complaints", _("Complaints")),
        ("other_calls", _("Suggestions and praise")),
        ("wrong_numbers", _("Wrong numbers")),
        ("other_topics", _("About other topics")),
        ("unsorted", _("Not noted yet")),
        ("abandoned", _("Given up while ringing")),
        ("repeated_callers", _("Callers who called again")),
        ("repeated_calls", _("Calls of these callers after the first")),
    )),
    (_("By other ways than calls"), (
        ("otherwise", _("All by other ways")),
        ("by_chat_group", pgettext_lazy("surge", "Owners' chat group")),
        ("by_city_line", pgettext_lazy("surge", "City line 12345")),
        ("by_counter", pgettext_lazy("surge", "Counter")),
        ("by_wechat", pgettext_lazy("surge", "WeChat")),
        ("by_code", pgettext_lazy("surge", "Code on a notice board")),
        ("by_visit", pgettext_lazy("surge", "Visit, grid specialist")),
        ("by_phone_note", pgettext_lazy("surge", "Telephone, written down by hand")),
        ("by_unsaid", pgettext_lazy("surge", "Way not said")),
        ("otherwise_repairs", _("of all these about repairs")),
        ("otherwise_unsorted", _("Without a topic, not counted")),
    )),
    (pgettext_lazy("surge", "Repairs"), (
        ("estates", _("Estates that report repairs")),
        ("folded", _("Duplicates folded")),
        ("incidents", _("Incidents that they were folded into")),
        ("cases", _("Repairs, each once")),
        ("cases_open", _("Still waiting")),
        ("cases_done", _("Done on site")),
        ("cases_cancelled", _("Cancelled repairs")),
        ("cases_without_job", _("Without a job")),
    )),
    (pgettext_lazy("surge", "Crews and jobs"), (
        ("crews", _("Crews called up")),
        ("crews_acknowledged", _("Crews that answered")),
        ("crews_out", _("Crews out")),
        ("crews_free", _("Crews free")),
        ("people", _("People in these crews")),
        ("jobs", _("Jobs")),
        ("jobs_given", _("Jobs with a crew")),
        ("jobs_waiting", _("Jobs without a crew")),
        ("jobs_done", _("Jobs done")),
    )),
    (pgettext_lazy("surge", "Work"), (
        ("meters_exchanged", _("Meters exchanged")),
        ("faults_repaired", _("Pipe faults repaired")),
        ("thawed", _("Thawed on site")),
        ("parts_used", _("Watched parts used")),
        ("parts_left", _("Watched parts left")),
        ("stock_warnings", _("Warnings that parts run short")),
    )),
    (pgettext_lazy("surge", "Median time from the first word"), (
        ("minutes_to_crew", _("until a crew has it")),
        ("minutes_to_site", _("until somebody is there")),
        ("minutes_to_repair", _("until it is repaired")),
    )),
    (pgettext_lazy("surge", "Warning"), (
        ("risk_listed", _("Customers at risk")),
        ("risk_warned", _("of these warned")),
    )),
)  # fmt: skip
FIGURES: dict[str, Words] = {code: label for _group, rows in GROUPS for code, label in rows}
