"""Names of the codes of patrols, as people read them."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.fieldwork.patrol.kinds import (
    FindingKind,
    Machine,
    Purpose,
    Risk,
    SiteStep,
    Source,
    Standing,
)
from huoshui.areas.fieldwork.words import Words

PURPOSES: dict[str, Words] = {
    Purpose.PATROL: pgettext_lazy("patrol", "Patrol"),
    Purpose.LEAK_SURVEY: pgettext_lazy("patrol", "Leak survey"),
}

SOURCES: dict[str, Words] = {
    Source.PHONE: pgettext_lazy("patrol", "Phone"),
    Source.FILE: pgettext_lazy("patrol", "GPX file"),
}

FINDINGS: dict[str, Words] = {
    FindingKind.LEAK: pgettext_lazy("finding", "Leak or wet ground"),
    FindingKind.COVER: pgettext_lazy("finding", "Cover missing or broken"),
    FindingKind.VALVE_BURIED: pgettext_lazy("finding", "Valve chamber buried or blocked"),
    FindingKind.HYDRANT_DAMAGED: pgettext_lazy("finding", "Hydrant damaged"),
    FindingKind.BUILT_OVER: pgettext_lazy("finding", "Pipe built over"),
    FindingKind.DIGGING: pgettext_lazy("finding", "Digging near the pipe"),
    FindingKind.SUBSIDENCE: pgettext_lazy("finding", "Ground sinking"),
    FindingKind.SIGN_MISSING: pgettext_lazy("finding", "Marker post missing"),
    FindingKind.ILLEGAL_USE: pgettext_lazy("finding", "Water taken without right"),
    FindingKind.EQUIPMENT: pgettext_lazy("finding", "Equipment not in order"),
    FindingKind.OTHER: pgettext_lazy("finding", "Something else"),
}

STANDINGS: dict[str, tuple[Words, str]] = {
    Standing.WALKED: (pgettext_lazy("patrol", "Walked"), "green"),
    Standing.PARTLY: (pgettext_lazy("patrol", "Walked in part"), "orange"),
    Standing.MISSED: (pgettext_lazy("patrol", "Missed"), "red"),
    Standing.DUE: (pgettext_lazy("patrol", "Due"), "blue"),
}

MACHINES: dict[str, Words] = {
    Machine.HAND: pgettext_lazy("site", "By hand"),
    Machine.EXCAVATOR: pgettext_lazy("site", "Excavator"),
    Machine.PILE: pgettext_lazy("site", "Piles, boring"),
    Machine.DIRECTIONAL_DRILL: pgettext_lazy("site", "Directional drilling, pipe jacking"),
}

RISKS: dict[str, tuple[Words, str]] = {
    Risk.CRITICAL: (pgettext_lazy("site", "Critical"), "red"),
    Risk.HIGH: (pgettext_lazy("site", "High"), "orange"),
    Risk.MEDIUM: (pgettext_lazy("site", "Medium"), "yellow"),
    Risk.LOW: (pgettext_lazy("site", "Low"), "green"),
}

# Why pipes are worth a walk, and the figures that say so.
REASONS: dict[str, Words] = {
    "night_flow": pgettext_lazy("patrol proposal", "Night flow is above what is expected"),
    "bursts": pgettext_lazy("patrol proposal", "Pipes burst again and again"),
}
FIGURES: dict[str, Words] = {
    "excess_m3h": pgettext_lazy("patrol proposal", "%(value)s m³/h too much at night"),
    "nights_above": pgettext_lazy("patrol proposal", "%(value)s of the last 7 nights above"),
    "bursts": pgettext_lazy("patrol proposal", "%(value)s leaks found in 3 years"),
    "burst_pipes": pgettext_lazy("patrol proposal", "pipes with leaks: %(value)s"),
    "burst_worst": pgettext_lazy("patrol proposal", "most at one pipe: %(value)s"),
    "burst_days_ago": pgettext_lazy("patrol proposal", "latest %(value)s days ago"),
}
# What says nothing for a reason: older versions kept it with every proposal.
BESIDE: dict[str, frozenset[str]] = {"bursts": frozenset({"excess_m3h", "nights_above"})}
# By what proposals of one reason are ranked.
RANKED: dict[str, Words] = {
    "night_flow": pgettext_lazy("patrol proposal", "%(value)s m³/h"),
    "bursts": pgettext_lazy("patrol proposal", "%(value)s leaks a kilometre"),
}
PROPOSALS: dict[str, tuple[Words, str]] = {
    "open": (pgettext_lazy("suggestion", "To be decided"), "orange"),
    "accepted": (pgettext_lazy("patrol proposal", "Made a round"), "green"),
    "declined": (pgettext_lazy("suggestion", "Declined"), "secondary"),
    "lapsed": (pgettext_lazy("patrol proposal", "Not worth it any more"), "secondary"),
}

STEPS: dict[str, tuple[Words, str]] = {
    SiteStep.REGISTERED: (pgettext_lazy("site", "Registered"), "blue"),
    SiteStep.CHANGED: (pgettext_lazy("site", "Changed"), "secondary"),
    SiteStep.DISCLOSED: (pgettext_lazy("site", "Pipes shown to the builder"), "green"),
    SiteStep.VISITED: (pgettext_lazy("site", "Visited"), "green"),
    SiteStep.DAMAGED: (pgettext_lazy("site", "Pipe damaged"), "red"),
    SiteStep.CLAIMED: (pgettext_lazy("site", "Compensation claimed"), "orange"),
    SiteStep.PAID: (pgettext_lazy("site", "Compensation paid"), "green"),
    SiteStep.FINISHED: (pgettext_lazy("site", "Finished"), "secondary"),
}


def said(code: str, names: str) -> tuple[str, str] | None:
    """Return what a phone is told of a walk that was not simply taken, and what to do."""
    if code == "fieldwork.no_such_round":
        sentence = _("There is no patrol round %(names)s.") % {"names": names}
        return sentence, _("Tell the office which way you walked; the track is kept.")
    if code == "fieldwork.no_such_site":
        sentence = _("There is no construction site %(names)s.") % {"names": names}
        return sentence, _("Tell the office what you saw; it is kept here.")
    if code == "fieldwork.not_for_sites":
        return (
            _("Your posts do not include construction sites."),
            _("Tell the crew leader what you saw; it is kept here."),
        )
    if code == "fieldwork.piece_known":
        return _("This piece of the walk is here already."), _("Nothing is to be done.")
    return None
