"""What is done in breakdowns and retrofits beside the steps of their cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.utils.translation import gettext as _

from huoshui.areas.fieldwork import actions as fieldwork
from huoshui.areas.fieldwork import contracts, models, refusals
from huoshui.areas.fieldwork.upkeep import readings
from huoshui.areas.fieldwork.upkeep.case_types import BREAKDOWN, REPAIR_DAYS, RETROFIT
from huoshui.areas.fieldwork.upkeep.refusals import (
    CaseNotHere,
    LineIncomplete,
    NotYetMeasured,
    PairedAlready,
)
from huoshui.areas.network import facade as network
from huoshui.kernel import audit, cases, clock
from huoshui.kernel.accounts import permissions
from huoshui.lab import units
from huoshui.lab.upkeep import overflow

JOB, ASSET = "fieldwork.job", "network.asset"
ORIGIN = "fieldwork.breakdown:"
READING_FRESH = timedelta(hours=1)
JUST_NOW = timedelta(minutes=10)


class Line(StrEnum):
    """What a line of a case says."""

    QUOTE = "quote"
    OPTION = "option"
    HOURS = "hours"
    PARTS = "parts"
    BOUGHT = "bought"
    OBSERVED = "observed"
    SISTER = "sister"


LINES_OF = {
    BREAKDOWN: (Line.HOURS, Line.PARTS, Line.BOUGHT),
    RETROFIT: (
        Line.QUOTE, Line.OPTION, Line.HOURS, Line.PARTS, Line.BOUGHT, Line.OBSERVED, Line.SISTER,
    ),
}  # fmt: skip
# What a line must say to be of use.
WANTED = {
    Line.QUOTE: ("who", "yuan"),
    Line.HOURS: ("hours", "yuan"),
    Line.PARTS: ("yuan",),
    Line.BOUGHT: ("yuan",),
    Line.OBSERVED: ("is_good",),
    Line.SISTER: ("asset_code",),
}


@dataclass(frozen=True, slots=True)
class Costs:
    """What a repair or retrofit cost, and what it saved against the cheapest quote.

    ``saved_yuan`` = cheapest quote - own cost; None without a quote or without a cost.
    """

    hours: float
    labour_yuan: float
    goods_yuan: float
    quote_yuan: float | None

    @property
    def own_yuan(self) -> float:
        return self.labour_yuan + self.goods_yuan

    @property
    def saved_yuan(self) -> float | None:
        if self.quote_yuan is None or not self.own_yuan:
            return None
        return self.quote_yuan - self.own_yuan


@dataclass(frozen=True, slots=True)
class Well:
    """What is known of a well at one moment; a point is read where no figure is given."""

    level_m: float | None = None
    inflow_m3h: float | None = None
    outflow_m3h: float | None = None
    room_m3: float | None = None
    area_m2: float | None = None
    edge_level_m: float | None = None
    level_point: str = ""
    inflow_point: str = ""


def case_of(number: str, type_code: str, *, by_id: int | None, short: str) -> cases.CaseFact:
    """Return an open case of a type in which somebody may do something; refuses otherwise."""
    fact = cases.case(number)
    if fact is None or fact.type_code != type_code or not fact.is_open:
        raise CaseNotHere(number)
    permissions.require_in(by_id, f"{type_code}.{short}", [fact.unit_id])
    return fact


@transaction.atomic
def pair_of_job(number: str, *, by_id: int | None) -> models.Breakdown:
    """Make a job the stop-gap of a breakdown: open its case and ask for the permanent repair.

    Refuses a job that belongs to a breakdown already, or that will not be done.
    """
    job = models.Job.objects.select_for_update(of=("self",)).filter(number=number).first()
    if job is None:
        raise refusals.NoSuchJob(number)
    there = of_job(job.pk)
    if there is not None:
        raise PairedAlready(number, there.case_number)
    if job.state == contracts.JobState.CANCELLED:
        raise refusals.NotInThisState(job, contracts.JobState.ASSIGNED)
    title = job.title or job.description[:60] or job.asset_code or job.number
    links = [(JOB, job.number), *([(ASSET, job.asset_code)] if job.asset_code else [])]
    fact = cases.open_case(
        BREAKDOWN, title, by_id=by_id, lon=job.lon, lat=job.lat, place=job.asset_code,
        priority="urgent", links=links, opened_at=job.requested_at,
        fields={"began_at": job.requested_at, "impact": job.description},
        key=f"breakdown:{job.number}",
    )  # fmt: skip
    row = models.Breakdown.objects.create(
        case_number=fact.number, asset_code=job.asset_code, stop_gap=job
    )
    _permanent(row, fact, _place(job), by_id)
    audit.record(by_id, "fieldwork.breakdown_paired", f"fieldwork.job:{number}",
                 {"case": fact.number})  # fmt: skip
    return row


@transaction.atomic
def pair_of_case(number: str, asset_code: str, *, by_id: int | None) -> models.Breakdown:
    """Ask for both jobs of a breakdown that was opened as a case; asking again changes nothing."""
    fact = case_of(number, BREAKDOWN, by_id=by_id, short="work")
    row = row_of(fact.number, asset_code=asset_code)
    place = contracts.Place(asset_code=asset_code, lon=fact.lon, lat=fact.lat)
    if row.stop_gap is None:
        row.stop_gap = fieldwork.request_job(
            place=place, by_id=by_id, title=_("Stop-gap: %(what)s") % {"what": fact.title},
            kind=contracts.JobKind.REPAIR, priority=contracts.Priority.URGENT,
            origin=f"{ORIGIN}{fact.number}:stop_gap",
        )  # fmt: skip
        row.save(update_fields=["stop_gap"])
        _link(fact.number, row.stop_gap)
    _permanent(row, fact, place, by_id)
    audit.record(by_id, "fieldwork.breakdown_paired", f"fieldwork.job:{row.stop_gap.number}",
                 {"case": fact.number})  # fmt: skip
    return row


def _permanent(
    row: models.Breakdown, fact: cases.CaseFact, place: contracts.Place, by_id: int | None
) -> None:
    if row.permanent is not None:
        return
    row.permanent = fieldwork.request_job(
        place=place, by_id=by_id, title=_("Permanent repair: %(what)s") % {"what": fact.title},
        description=_("After the stop-gap of breakdown %(number)s.") % {"number": fact.number},
        kind=contracts.JobKind.REPAIR, priority=contracts.Priority.NORMAL,
        due_at=clock.now() + timedelta(days=REPAIR_DAYS), origin=f"{ORIGIN}{fact.number}:permanent",
    )  # fmt: skip
    row.save(update_fields=["permanent"])
    _link(fact.number, row.permanent)


def _link(number: str, job: models.Job) -> None:
    cases.edit(number, by_id=None, links=[(JOB, job.number)])


def _place(job: models.Job) -> contracts.Place:
    return contracts.Place(
        asset_code=job.asset_code, zone_code=job.zone_code, lon=job.lon, lat=job.lat
    )


def row_of(number: str, *, asset_code: str = "") -> models.Breakdown:
    """Return the row of a breakdown's case, made where a person opened the case by hand."""
    if asset_code and network.asset(asset_code) is None:
        raise refusals.UnknownPlace(asset_code)
    row, _new = models.Breakdown.objects.select_related("stop_gap", "permanent").get_or_create(
        case_number=number, defaults={"asset_code": asset_code}
    )
    return row


def of_job(job_id: int) -> models.Breakdown | None:
    """Return the breakdown that a job belongs to, or None."""
    rows = models.Breakdown.objects.select_related("stop_gap", "permanent")
    return rows.filter(stop_gap_id=job_id).first() or rows.filter(permanent_id=job_id).first()


@transaction.atomic
def measure(
    number: str, what: str, well: Well, *, at: datetime | None = None, by_id: int | None
) -> models.BreakdownMeasure:
    """Write down what was done and how long there is until the well runs over.

    What is known of the well stays for the next time. Without a level and an inflow only the deed
    is written down. Refuses a moment to come.
    """
    fact = case_of(number, BREAKDOWN, by_id=by_id, short="work")
    row = row_of(fact.number)
    now = clock.now()
    at = at or now
    if at > now:
        raise NotYetMeasured(at)
    for name, value in (("well_area_m2", well.area_m2), ("edge_level_m", well.edge_level_m)):
        if value is not None:
            setattr(row, name, value)
    row.save(update_fields=["well_area_m2", "edge_level_m"])
    # Points say what is now: nothing of a deed that is told later.
    is_now = now - at <= JUST_NOW
    level_m = _read(well.level_m, well.level_point if is_now else "", now)
    inflow_m3h = _read(well.inflow_m3h, well.inflow_point if is_now else "", now)
    room_m3 = well.room_m3
    edge_m, area_m2 = row.edge_level_m, row.well_area_m2
    if room_m3 is None and level_m is not None and edge_m is not None and area_m2:
        room_m3 = overflow.room(level_m=level_m, edge_level_m=edge_m, area_m2=area_m2)
    found = models.BreakdownMeasure.objects.create(
        breakdown=row, at=at, what=what.strip(), level_m=level_m, inflow_m3h=inflow_m3h,
        outflow_m3h=well.outflow_m3h, volume_m3=room_m3,
        minutes_left=minutes_left(room_m3, inflow_m3h, well.outflow_m3h), by_id=by_id,
    )  # fmt: skip
    audit.record(
        by_id, "fieldwork.breakdown_measure", f"cases.case:{fact.number}", {"what": found.what}
    )
    return found


def minutes_left(
    room_m3: float | None, inflow_m3h: float | None, outflow_m3h: float | None
) -> float | None:
    """Return the minutes until a well runs over; None where it does not rise or is not known."""
    if room_m3 is None or inflow_m3h is None:
        return None
    # A meter that stands still may read a little below zero.
    inflow, outflow = max(0.0, inflow_m3h), max(0.0, outflow_m3h or 0.0)
    minutes = overflow.minutes_to_overflow(
        room_m3=max(0.0, room_m3),
        inflow_m3s=inflow * units.M3S_PER_M3H,
        outflow_m3s=outflow * units.M3S_PER_M3H,
    )
    return None if minutes == float("inf") else minutes


def _read(given: float | None, point: str, now: datetime) -> float | None:
    return given if given is not None else readings.newest(point, now, within=READING_FRESH)


@transaction.atomic
def add_line(
    number: str, type_code: str, kind: Line, text: str, *, by_id: int | None, who: str = "",
    hours: float | None = None, yuan: float | None = None, is_good: bool | None = None,
    asset_code: str = "", at: datetime | None = None,
) -> models.CaseLine:  # fmt: skip
    """Add a line to a breakdown or retrofit.

    Refuses one that lacks what its kind needs, or a moment to come.
    """
    if at is not None and at > clock.now():
        raise NotYetMeasured(at)
    fact = case_of(number, type_code, by_id=by_id, short="work")
    said = {"who": who, "hours": hours, "yuan": yuan, "is_good": is_good, "asset_code": asset_code}
    lacking = [name for name in WANTED.get(kind, ()) if said[name] in (None, "")]
    if lacking or kind not in LINES_OF[type_code]:
        raise LineIncomplete(kind, lacking)
    if asset_code and network.asset(asset_code) is None:
        raise refusals.UnknownPlace(asset_code)
    row = models.CaseLine.objects.create(
        case_number=fact.number, kind=kind, at=at or clock.now(), text=text.strip(), by_id=by_id,
        **said,
    )  # fmt: skip
    if kind == Line.SISTER:
        cases.edit(fact.number, by_id=None, links=[(ASSET, asset_code)])
    audit.record(
        by_id, "fieldwork.case_line_added", f"cases.case:{fact.number}", {"kind": str(kind)}
    )
    return row


@transaction.atomic
def strike_line(number: str, type_code: str, key: int, *, by_id: int | None) -> None:
    """Strike a line out: it stays to be read and counts no more."""
    fact = case_of(number, type_code, by_id=by_id, short="work")
    row = models.CaseLine.objects.filter(pk=key, case_number=fact.number).first()
    if row is None:
        raise CaseNotHere(number)
    if not row.is_struck:
        row.is_struck = True
        row.save(update_fields=["is_struck"])
        audit.record(
            by_id, "fieldwork.case_line_struck", f"cases.case:{number}", {"kind": row.kind}
        )


def lines(number: str) -> list[models.CaseLine]:
    """Return the lines of a case, earliest first, struck ones too."""
    rows = models.CaseLine.objects.filter(case_number=number).select_related("by")
    return list(rows.order_by("at", "pk"))


def costs(rows: list[models.CaseLine]) -> Costs:
    """Return what the lines of a case add up to."""
    good = [one for one in rows if not one.is_struck]
    worked = [one for one in good if one.kind == Line.HOURS]
    quotes = [one.yuan for one in good if one.kind == Line.QUOTE and one.yuan is not None]
    return Costs(
        hours=sum(one.hours or 0.0 for one in worked),
        labour_yuan=sum((one.hours or 0.0) * (one.yuan or 0.0) for one in worked),
        goods_yuan=sum(one.yuan or 0.0 for one in good if one.kind in (Line.PARTS, Line.BOUGHT)),
        quote_yuan=min(quotes) if quotes else None,
    )


def downtime_s(fact: cases.CaseFact) -> float | None:
    """Return how long a machine stood still, so far or in all; None where that cannot be said."""
    began = fact.fields.get("began_at")
    if not began:
        return None
    ended = fact.fields.get("ended_at")
    until = datetime.fromisoformat(ended) if ended else clock.now()
    stood_s = (until - datetime.fromisoformat(began)).total_seconds()
    return stood_s if stood_s >= 0 else None
