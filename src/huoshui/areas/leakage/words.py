"""Names of the codes of leakage, as people read them."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.leakage.contracts import LeakState, NightState

Words = str | Promise

NIGHT_STATES: dict[str, Words] = {
    NightState.NO_DATA: pgettext_lazy("night", "Too few readings"),
    NightState.LEARNING: pgettext_lazy("night", "Learning"),
    NightState.INSIDE: pgettext_lazy("night", "As expected"),
    NightState.WATCHED: pgettext_lazy("night", "Watched closely"),
    NightState.LEAKING: pgettext_lazy("night", "Higher than expected"),
}

NIGHT_COLOURS: dict[str, str] = {
    NightState.NO_DATA: "secondary",
    NightState.LEARNING: "secondary",
    NightState.INSIDE: "green",
    NightState.WATCHED: "yellow",
    NightState.LEAKING: "red",
}

LEAK_STATES: dict[str, Words] = {
    LeakState.OPEN: pgettext_lazy("suspected leak", "Open"),
    LeakState.JOB_MADE: pgettext_lazy("suspected leak", "Job under way"),
    LeakState.VERIFYING: pgettext_lazy("suspected leak", "Repaired, to be proven"),
    LeakState.REPAIRED: pgettext_lazy("suspected leak", "Repaired and proven"),
    LeakState.DISMISSED: pgettext_lazy("suspected leak", "No leak"),
    LeakState.ENDED: pgettext_lazy("suspected leak", "Ended without a job"),
}

LEAK_COLOURS: dict[str, str] = {
    LeakState.OPEN: "red",
    LeakState.JOB_MADE: "orange",
    LeakState.VERIFYING: "purple",
    LeakState.REPAIRED: "green",
    LeakState.DISMISSED: "secondary",
    LeakState.ENDED: "secondary",
}

STEPS: dict[str, Words] = {
    "detected": _("Detected by the night flow"),
    "job_made": _("Job made"),
    "job_cancelled": _("Job cancelled: under watch again"),
    "job_closed_leak_repaired": _("Repair confirmed by a second person"),
    "job_closed_leak_found_not_repaired": _("Leak found, not repaired yet: under watch"),
    "job_closed_no_leak_found": _("Crew found no leak: stays under watch"),
    "job_closed_meter_exchanged": _("Crew found something else: stays under watch"),
    "job_closed_thawed": _("Crew found something else: stays under watch"),
    "job_closed_repaired": _("Crew found something else: stays under watch"),
    "job_closed_other": _("Crew found something else: stays under watch"),
    "verified": _("Proven: the night flow stepped down"),
    "not_verified": _("Not proven: the night flow did not step down"),
    "began_later": _("Not proven: the high nights began after this repair"),
    "dismissed": _("Dismissed"),
    "ended": _("Night flow came back by itself"),
    "withdrawn": _("Taken back: readings that came later show no leak"),
}

STEP_COLOURS: dict[str, str] = {
    "detected": "red",
    "job_made": "orange",
    "job_closed_leak_repaired": "purple",
    "verified": "green",
    "not_verified": "red",
    "began_later": "red",
}

QUALITIES: dict[str, Words] = {
    "good": _("Complete"),
    "doubtful": _("With gaps"),
    "insufficient": _("Too few readings"),
    "clock_change": _("Clocks changed: compares with no other night"),
}

ROLES: dict[str, Words] = {
    "inlet": _("Flow in"),
    "outlet": _("Flow out"),
    "storage": _("Tank level"),
    "meter": _("Customer meter"),
}
