"""How a job is said to people: its state, its place, how late it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import pgettext_lazy

from huoshui.areas.fieldwork import actions, contracts, models, queries, rules, words
from huoshui.areas.fieldwork.queries import differing
from huoshui.areas.network import facade as network
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import formats

JobState = contracts.JobState

STEP_COLOURS = {
    "requested": "orange",
    "assigned": "blue",
    "reported": "purple",
    "returned": "yellow",
    "closed": "green",
    "cancelled": "secondary",
    "accepted": "blue",
    "arrived": "blue",
    "reported_too": "orange",
    "told_late": "orange",
    "taken_back": "yellow",
    "set_off": "azure",
    "repaired": "green",
    "water_back": "green",
    "timed": "secondary",
    "put_off": "yellow",
}


def is_overdue(row: models.Job, now: datetime) -> bool:
    """Say whether the job waits past the agreed moment."""
    return rules.overdue(contracts.JobState(row.state), row.due_at, now)


def state_text(row: models.Job, now: datetime) -> str:
    """Say where the job stands, and that it is late if it is."""
    state = str(words.STATES[row.state])
    if is_overdue(row, now):
        return _("%(state)s, overdue") % {"state": state}
    return state


def place_text(row: models.Job, zones: Mapping[str, str] | None = None) -> str:
    """Say where the job is, shortest useful form.

    ``zones`` has the names of zones by code; without it one is looked up, so lists should give it.
    """
    zone = zone_name(row.zone_code) if zones is None else zones.get(row.zone_code, row.zone_code)
    if row.asset_code and zone:
        return _("%(asset)s (%(zone)s)") % {"asset": row.asset_code, "zone": zone}
    if row.account_code and not row.asset_code:
        customer = _("Customer %(account)s") % {"account": row.account_code}
        return _("%(asset)s (%(zone)s)") % {"asset": customer, "zone": zone} if zone else customer
    return row.asset_code or zone or f"{row.lon:.5f}, {row.lat:.5f}"


def title(row: models.Job, zones: Mapping[str, str] | None = None) -> str:
    """Say what is to be done: the title somebody wrote, or the type or kind of work and the place.

    Lists should fetch the type with the row.
    """
    if row.title:
        return row.title
    place = place_text(row, zones)
    kind = words.name_of(row.job_type) or words.KINDS[row.kind]
    return _("%(kind)s: %(place)s") % {"kind": kind, "place": place}


def asset_url(code: str) -> str:
    """Return the address of an asset's page, empty without an asset."""
    return reverse("network:asset", args=[code]) if code else ""


def zone_url(row: models.Job) -> str:
    """Return the address of the page of a job's zone, empty without a zone."""
    return reverse("network:zone", args=[row.zone_code]) if row.zone_code else ""


def zone_name(code: str) -> str:
    """Return the name of a zone as people know it."""
    return network.zone_names().get(code, code) if code else ""


def steps_open_to(row: models.Job, user: Any) -> Iterator[tuple[str, str, str, str]]:
    """Yield (address name, label, colour, icon) of each step this person may take now."""

    unit = actions.unit_of(row)

    def may(code: str) -> bool:
        return permissions.may_in(user, f"fieldwork.{code}", unit)

    waiting = row.state in (JobState.REQUESTED, JobState.ASSIGNED)
    if row.state == JobState.ASSIGNED and may("report_job"):
        mine = actions.is_with(row, user.pk)
        if mine or may("assign_job"):
            yield "report", _("Report as done"), "primary" if mine else "", "clipboard-check"
    if waiting and may("assign_job"):
        again = row.state == JobState.ASSIGNED
        label = _("Give to somebody else") if again else _("Give to a crew")
        yield "assign", label, "" if again else "primary", "user-check"
    if row.state == JobState.DONE and may("close_job"):
        if not queries.has_reported(row.pk, user.pk):
            yield "close", _("Check and close"), "success", "checks"
        yield "return", _("Send back"), "", "arrow-back-up"
    if row.state in rules.OPEN_STATES and may("cancel_job"):
        yield "cancel", _("Cancel job"), "ghost-danger", "x"


def reports_shown(reports: Iterable[models.JobReport]) -> list[dict[str, Any]]:
    """Say reports in the words of people, with their photos."""
    return [
        {
            "found": words.FOUND[report.found],
            "asset_code": report.found_asset_code,
            "asset_url": asset_url(report.found_asset_code),
            "size_m3h": report.found_size_m3h,
            "note": report.note,
            "at": report.reported_at,
            "by": report.reported_by,
            "photos": [photo.file for photo in report.photos.all()],
            "made_by": report.made_by,
        }
        for report in reports
    ]


FIELDS = {
    "found": pgettext_lazy("report", "Found"),
    "found_asset_code": _lazy("At which asset"),
    "found_size_m3h": _lazy("Estimated leak (m³/h)"),
}


def said(field: str, value: Any) -> str:
    """Say a value of a report in words."""
    return str(words.FOUND.get(str(value), value)) if field == "found" else formats.text(value)


def differing_shown(found: Iterable[differing.Differing]) -> list[dict[str, Any]]:
    """Say who reported what where reports differ, and which version counts now."""
    return [
        {
            "label": FIELDS[one.field],
            "versions": [
                {
                    "value": said(one.field, version.value),
                    "by": version.by,
                    "at": version.at,
                    "counts": version.report_id == one.counts,
                }
                for version in one.versions
            ],
        }
        for one in found
    ]
