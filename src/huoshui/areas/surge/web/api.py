"""The JSON API of waves, to read: each wave, its figures now, its reports and their lists."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from huoshui.areas.surge import models, queries, refusals, rules
from huoshui.areas.surge.contracts import Kind
from huoshui.areas.surge.queries import afterwards, figures
from huoshui.areas.surge.queries.counting import Gathered
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions

router = Router()

READ = permissions.api("surge.read")
PAGE_SIZE_MAX = 500


class Wave(Schema):
    """One wave as it was declared; ``until`` is empty while it lasts.

    Empty estates and zones mean the whole city, empty topics all of them.
    """

    code: str
    name: str
    kind: Kind
    from_at: datetime
    until: datetime | None
    estates: list[str]
    zones: list[str]
    topics: list[str]
    crews: list[str]
    parts: list[str]


class Waves(Schema):
    """A page of waves, and how many there are."""

    total: int
    items: list[Wave]


class Counted(Schema):
    """The figures of a wave until a moment, counted by the way of counting ``version``.

    A figure of which nothing is known is empty. Those of ``otherwise`` and ``by_...`` are not
    calls, and never part of ``calls``.
    """

    wave: str
    until: datetime
    version: int
    figures: dict[str, float | None]


class Side(Schema):
    """So many accounts, so many of them hit."""

    accounts: int
    hit: int


class Comparison(Schema):
    """The warned beside the not warned; the ratio of their risks with its bounds, 19 of 20."""

    warned: Side
    others: Side
    ratio: float | None
    ratio_min: float | None
    ratio_max: float | None


class Compared(Schema):
    """The comparison among those at risk, and among all customers of the area."""

    at_risk: Comparison
    everybody: Comparison


class Report(Schema):
    """One report, without its figures."""

    number: str
    wave: str
    until: datetime
    made_at: datetime
    version: int


class Reports(Schema):
    """A page of reports, and how many there are."""

    total: int
    items: list[Report]


class Estate(Schema):
    """One estate in a report; ``otherwise`` is empty where only calls were counted."""

    estate: str
    calls: int
    otherwise: int | None
    open: int
    done: int
    since: datetime | None


class Hour(Schema):
    """The calls of one hour of the city's clock."""

    at: datetime
    enquiries: int
    repairs: int


class ReportDetail(Report):
    """A report as it was counted when it was made. It never changes.

    A report of before a figure was known does not have it. ``listed`` are the figures that have a
    list behind them.
    """

    figures: dict[str, float | None]
    listed: list[str]
    hours: list[Hour]
    estates: list[Estate]


class Row(Schema):
    """One thing that a figure counted, as it stood then: a call, a case, a job, an account.

    ``key`` is its kind and number. No names and no numbers of people.
    """

    key: str
    at: datetime | None
    topic: str
    estate: str
    state: str
    case: str
    crew: str
    way: str | None


class Rows(Schema):
    """A page of what a figure counted, and how many there are."""

    total: int
    items: list[Row]


@router.get("/waves", response=Waves, auth=READ, url_name="surge-waves")
def list_waves(
    request: HttpRequest,
    standing: bool | None = None,
    kind: Kind | None = None,
    offset: int = Query(0, ge=0),
    limit: int = Query(50, ge=1, le=PAGE_SIZE_MAX),
) -> Waves:
    """List waves, the latest first; with ``standing`` only those that last, or are over."""
    rows = queries.surges()
    if standing is not None:
        rows = rows.filter(until__isnull=standing)
    if kind is not None:
        rows = rows.filter(kind=kind)
    items = [_wave(one) for one in rows[offset : offset + limit]]
    return Waves(total=rows.count(), items=items)


@router.get("/waves/{code}", response=Wave, auth=READ, url_name="surge-wave")
def one_wave(request: HttpRequest, code: str) -> Wave:
    """Return one wave. Refuses with `surge.no_such_surge` (404)."""
    return _wave(queries.surge(code))


@router.get("/waves/{code}/figures", response=Counted, auth=READ, url_name="surge-figures")
def count_wave(request: HttpRequest, code: str) -> Counted:
    """Count a wave until now, or until it ended; nothing is kept.

    Refuses with `surge.no_such_surge` (404).
    """
    found = Gathered(queries.surge(code), clock.now())
    values = figures.figures(found).values
    return Counted(wave=code, until=found.until, version=rules.VERSION, figures=values)


@router.get("/waves/{code}/comparison", response=Compared, auth=READ, url_name="surge-comparison")
def compare_wave(request: HttpRequest, code: str) -> Any:
    """Compare the warned with the not warned until now.

    Refuses with `surge.no_such_surge` (404).
    """
    return afterwards.compared(Gathered(queries.surge(code), clock.now()))


@router.get("/reports", response=Reports, auth=READ, url_name="surge-reports")
def list_reports(
    request: HttpRequest,
    wave: str = "",
    offset: int = Query(0, ge=0),
    limit: int = Query(50, ge=1, le=PAGE_SIZE_MAX),
) -> Reports:
    """List reports, the one until the latest moment first; of one wave where it is named."""
    rows = queries.reports()
    if wave:
        rows = rows.filter(surge__code=wave)
    items = [Report(**_report(one)) for one in rows[offset : offset + limit]]
    return Reports(total=rows.count(), items=items)


@router.get("/reports/{number}", response=ReportDetail, auth=READ, url_name="surge-report")
def one_report(request: HttpRequest, number: str) -> ReportDetail:
    """Return one report with its figures. Refuses with `surge.no_such_report` (404)."""
    row = queries.report(number)
    hours = [Hour(at=at, enquiries=n, repairs=m) for at, n, m in row.more["hours"]]
    estates = [Estate(**{"otherwise": None, **one}) for one in row.more["estates"]]
    listed = [code for code, keys in row.keys.items() if keys]
    return ReportDetail(
        **_report(row), figures=row.figures, listed=listed, hours=hours, estates=estates
    )


@router.get(
    "/reports/{number}/figures/{figure}", response=Rows, auth=READ, url_name="surge-report-rows"
)
def rows_of_report(
    request: HttpRequest,
    number: str,
    figure: str,
    offset: int = Query(0, ge=0),
    limit: int = Query(50, ge=1, le=PAGE_SIZE_MAX),
) -> Rows:
    """List what a figure of a report counted; nothing where it is nought, or measured.

    Refuses with `surge.no_such_report` or `surge.no_such_figure` (404).
    """
    row = queries.report(number)
    if figure not in rules.FIGURES:
        raise refusals.NoSuch("figure", figure)
    keys = row.keys.get(figure, [])
    kept = [(key, row.rows.get(key, {})) for key in keys[offset : offset + limit]]
    items = [
        Row(
            key=key, at=one.get("at"), topic=one.get("about", ""), estate=one.get("estate", ""),
            state=one.get("state", ""), case=one.get("case", ""), crew=one.get("crew", ""),
            way=one.get("way"),
        )
        for key, one in kept
    ]  # fmt: skip
    return Rows(total=len(keys), items=items)


def _wave(row: models.Surge) -> Wave:
    return Wave(**{name: getattr(row, name) for name in Wave.model_fields})


def _report(row: models.SurgeReport) -> dict[str, Any]:
    return {
        "number": row.number, "wave": row.surge.code, "until": row.until, "made_at": row.made_at,
        "version": row.version,
    }  # fmt: skip
