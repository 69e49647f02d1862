"""Names of what is written down on phones, and what a receipt says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from huoshui.areas.fieldwork import words
from huoshui.areas.fieldwork.contracts import JobKind
from huoshui.areas.fieldwork.patrol import words as patrol_words
from huoshui.areas.fieldwork.phone import booked_words
from huoshui.areas.fieldwork.phone.kinds import EntryKind, Measured, Outcome, Shows

KINDS: dict[str, words.Words] = {
    EntryKind.ACCEPT: pgettext_lazy("phone entry", "Accepted"),
    EntryKind.SET_OFF: pgettext_lazy("phone entry", "Set off"),
    EntryKind.ARRIVE: pgettext_lazy("phone entry", "Arrived"),
    EntryKind.REPAIRED: pgettext_lazy("phone entry", "Repaired"),
    EntryKind.WATER_BACK: pgettext_lazy("phone entry", "Water is back"),
    EntryKind.STEP: pgettext_lazy("phone entry", "Step"),
    EntryKind.READING: pgettext_lazy("phone entry", "Reading"),
    EntryKind.METER: pgettext_lazy("phone entry", "Meter exchanged"),
    EntryKind.MATERIAL: pgettext_lazy("phone entry", "Material used"),
    EntryKind.NOTE: pgettext_lazy("phone entry", "Note"),
    EntryKind.SIGNATURE: pgettext_lazy("phone entry", "Signature"),
    EntryKind.PHOTO: pgettext_lazy("phone entry", "Photo"),
    EntryKind.FINISH: pgettext_lazy("phone entry", "Finished"),
    EntryKind.WALK: pgettext_lazy("phone entry", "Patrol walk"),
    EntryKind.FINDING: pgettext_lazy("phone entry", "Finding"),
    EntryKind.SITE: pgettext_lazy("phone entry", "Construction site"),
    EntryKind.CHECK: pgettext_lazy("phone entry", "Check of equipment"),
    EntryKind.CHECK_PHOTO: pgettext_lazy("phone entry", "Picture of a check"),
}

OUTCOMES: dict[str, words.Words] = {
    Outcome.TAKEN: pgettext_lazy("phone entry", "taken over"),
    Outcome.KEPT: pgettext_lazy("phone entry", "kept beside"),
    Outcome.REFUSED: pgettext_lazy("phone entry", "not taken"),
}

MEASURED: dict[str, words.Words] = {
    Measured.PRESSURE_MPA: gettext_lazy("Pressure (MPa)"),
    Measured.FLOW_M3H: gettext_lazy("Flow (m³/h)"),
    Measured.METER_M3: gettext_lazy("Meter reading (m³)"),
    Measured.CHLORINE_MGL: gettext_lazy("Free chlorine (mg/L)"),
    Measured.TURBIDITY_NTU: gettext_lazy("Turbidity (NTU)"),
    Measured.TEMPERATURE_C: gettext_lazy("Temperature (°C)"),
}

SHOWS: dict[str, words.Words] = {
    Shows.BEFORE: gettext_lazy("The place before"),
    Shows.DAMAGE: gettext_lazy("The damage"),
    Shows.AFTER: gettext_lazy("The work done"),
    Shows.METER: gettext_lazy("The meter"),
    Shows.OTHER: gettext_lazy("Another thing"),
}

# Steps of a job whose type names none of its own: code and words.
STEPS: dict[str, tuple[tuple[str, words.Words], ...]] = {
    JobKind.LEAK_SEARCH: (
        ("safe", gettext_lazy("Make the place safe: signs, vest, traffic")),
        ("listen", gettext_lazy("Listen at valves and hydrants, mark the strongest spot")),
        ("photo", gettext_lazy("Photograph the spot")),
    ),
    JobKind.REPAIR: (
        ("safe", gettext_lazy("Make the place safe: signs, vest, traffic")),
        ("lines", gettext_lazy("Check for cables and gas before digging")),
        ("shut", gettext_lazy("Shut the valves, tell those without water")),
        ("before", gettext_lazy("Photograph the damage")),
        ("repair", gettext_lazy("Repair, then flush")),
        ("open", gettext_lazy("Open the valves, check the pressure")),
        ("after", gettext_lazy("Photograph the work done, close the ground")),
    ),
    JobKind.INSPECTION: (
        ("look", gettext_lazy("Look at the whole thing")),
        ("photo", gettext_lazy("Photograph what is wrong")),
    ),
    JobKind.INSTRUMENT_CHECK: (
        ("compare", gettext_lazy("Compare with the reference instrument")),
        ("clean", gettext_lazy("Clean it, check cable and battery")),
        ("again", gettext_lazy("Read again and write it down")),
    ),
    JobKind.OTHER: (("done", gettext_lazy("Do what the order says")),),
}

NAMES: dict[str, words.Words] = {
    "found": pgettext_lazy("phone", "What was found"),
    "found_asset_code": gettext_lazy("Found at asset"),
    "found_size_m3h": gettext_lazy("Size found [m³/h]"),
    "old_number": gettext_lazy("Number of the old meter"),
    "old_reading_m3": gettext_lazy("Last reading of the old meter [m³]"),
    "new_number": gettext_lazy("Number of the new meter"),
    "start_reading_m3": gettext_lazy("First reading of the new meter [m³]"),
    "stopped_on": gettext_lazy("Stood still since"),
    "new_part": gettext_lazy("Sort of the new meter"),
    "cause": gettext_lazy("Cause"),
    "amount": gettext_lazy("Amount"),
    "name": gettext_lazy("Name"),
    "what": gettext_lazy("What was read"),
    "value": pgettext_lazy("phone entry", "Value"),
    "text": pgettext_lazy("phone entry", "Note"),
    "note": pgettext_lazy("phone entry", "Note"),
    "shows": gettext_lazy("What the photo shows"),
    "track": gettext_lazy("Track"),
    "asset_code": gettext_lazy("Asset"),
    "finding": pgettext_lazy("patrol", "Found"),
    "person": gettext_lazy("Whom of the builder"),
    "site": gettext_lazy("Construction site"),
}


def said(code: str, detail: Mapping[str, Any]) -> tuple[str, str]:
    """Return the sentence of a receipt and what to do, in the reader's language."""
    told = [booked_words.said(one) for one in detail.get("told", ())]
    first = patrol_words.said(code, _names(detail.get("names", ()))) or _of_job(code, detail)
    said_of = [one for one in (first, *told) if one[0]]
    return " ".join(one[0] for one in said_of), " ".join(one[1] for one in said_of if one[1])


def _of_job(code: str, detail: Mapping[str, Any]) -> tuple[str, str]:
    """Return what a crew is told of an entry and what to do; a refusal of a deed says it itself."""
    who = str(detail.get("who", "")) or _("somebody else")
    values = {"who": who, "names": _names(detail.get("names", ()))}
    known: dict[str, tuple[str, str]] = {
        "fieldwork.already_reported": (
            _("%(who)s reported this job too. Both reports are kept and put together."),
            _("Nothing is to be done; whoever checks the job sees both."),
        ),
        "fieldwork.reported_for_another": (
            _("The job had been given to %(who)s meanwhile. Your report counts."),
            _("Nothing is to be done; %(who)s has been told."),
        ),
        "fieldwork.given_away": (
            _("The job had been given to %(who)s meanwhile. What you did stays with the job."),
            _("Call the dispatcher if you have begun the work."),
        ),
        "fieldwork.closed_meanwhile": (
            _("The job was closed meanwhile. What you did stays with it."),
            _("The dispatcher has been told and decides whether more is to be done."),
        ),
        "fieldwork.cancelled_meanwhile": (
            _("The job was cancelled meanwhile. What you did stays with it."),
            _("Stop the work; the dispatcher has been told."),
        ),
        "fieldwork.no_such_job": (
            _("There is no such job."),
            _("Write it as a note to another job, or call the dispatcher."),
        ),
        "fieldwork.not_your_job": (
            _("This job was never yours."),
            _("Ask the crew leader to give the job to you, then send it again."),
        ),
        "fieldwork.entry_not_valid": (
            _("These values are missing or wrong: %(names)s."),
            _("Correct them and send it again."),
        ),
        "fieldwork.leak_without_place": (
            _("A leak was found, but the report does not say at which asset."),
            _("Say at which asset the leak was, and send it again."),
        ),
        "fieldwork.unknown_place": (
            _("The network has nothing called %(names)s."),
            _("Correct the number of the asset, and send it again."),
        ),
        "fieldwork.entry_differs": (
            _("Another entry has the same key."),
            _("Write it again; the first one is kept."),
        ),
        "fieldwork.entry_damaged": (
            _("The entry was damaged on its way."),
            _("It is sent again by itself."),
        ),
        "fieldwork.entry_failed": (
            _("The entry could not be taken: there is an error in the program."),
            _("Write it again, and tell the office; what is behind it has been taken."),
        ),
        "fieldwork.entry_too_long": (
            _("The entry is too long."),
            _("Write it again in smaller parts."),
        ),
    }
    if code not in known:
        # What the deed itself said when it refused.
        return str(detail.get("said", "")), str(detail.get("step", ""))
    sentence, step = known[code]
    return sentence % values, step % values


def _names(found: Any) -> str:
    return ", ".join(str(NAMES.get(str(one), one)) for one in found)
