"""Export of what a trend chart shows, for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import numpy as np
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _

from huoshui.areas.telemetry import contracts, queries
from huoshui.areas.telemetry.web import api, words
from huoshui.kernel import errors
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import formats, kit
from huoshui.kernel.pages.kit import excel

ROWS_MAX = 200_000


class PeriodUnreadable(errors.Refused):
    """The addresses of an export name a period in ISO 8601, with a zone."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            "telemetry.period_unreadable",
            _("The period of this export cannot be read."),
            next_step=_("Use the buttons beside the chart."),
        )


def _moment(given: str) -> datetime:
    try:
        at = datetime.fromisoformat(given)
    except ValueError as problem:
        raise PeriodUnreadable from problem
    if at.tzinfo is None:
        raise PeriodUnreadable
    return at


@permissions.needs("telemetry.read")
def export(request: HttpRequest) -> HttpResponseBase:
    """Answer with readings, or the hours of a long period, as CSV or Excel.

    Refuses with `telemetry.asked_too_much` (422) more than 200,000 rows.
    """
    from_at = _moment(request.GET.get("from", ""))
    until = _moment(request.GET.get("until", ""))
    api.check_period(from_at, until)
    points = api.known_points(api.split_codes(request.GET.get("points", "")))
    hourly = until - from_at > timedelta(seconds=queries.RAW_CHART_S)
    columns, rows = (_hours if hourly else _readings)(points, from_at, until)
    title = " ".join(point.code for point in points)[:80]
    if request.GET.get("format") == "xlsx":
        return excel.write(title, columns, rows)
    return _csv(title, columns, rows)


Table = tuple[list[kit.Column], Iterator[dict[str, Any]]]


def _readings(points: list[contracts.Point], from_at: datetime, until: datetime) -> Table:
    codes = [point.code for point in points]
    if queries.readings_count(codes, from_at, until) > ROWS_MAX * len(points):
        raise api.AskedTooMuch(_("These are more than 200,000 rows."), ROWS_MAX)
    found = queries.readings(codes, from_at, until)
    columns = [kit.Column("at", _("Moment"), format="moment")]
    for point in points:
        columns.append(_value_column(point, "value", point.name(api.language())))
        columns.append(kit.Column(f"{point.code} quality", _("Quality"), labels=_quality_words()))
    parts = {
        point.code: (
            found[point.code].at_us,
            {"value": found[point.code].value, "quality": found[point.code].quality},
        )
        for point in points
    }
    return columns, _rows(parts)


def _hours(points: list[contracts.Point], from_at: datetime, until: datetime) -> Table:
    found = queries.hourly([point.code for point in points], from_at, until)
    columns = [kit.Column("at", _("Hour from"), format="moment")]
    parts = {}
    for point in points:
        name, hours = point.name(api.language()), found[point.code]
        columns += [
            _value_column(point, "mean", f"{name}: {_('mean')}"),
            _value_column(point, "low", f"{name}: {_('smallest')}"),
            _value_column(point, "high", f"{name}: {_('largest')}"),
        ]
        parts[point.code] = (
            hours.hour_us,
            {"mean": hours.value_mean, "low": hours.value_min, "high": hours.value_max},
        )
    return columns, _rows(parts)


def _value_column(point: contracts.Point, part: str, label: str) -> kit.Column:
    return kit.Column(f"{point.code} {part}", label, format=f".{point.decimals}f", unit=point.unit)


def _quality_words() -> dict[int, str]:
    return {int(code): str(label) for code, (label, _colour) in words.QUALITIES.items()}


def _rows(parts: dict[str, tuple[Any, dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    """Return one row for each moment of any point, in order; refuses too many."""
    moments = np.unique(np.concatenate([at_us for at_us, _values in parts.values()]))
    if len(moments) > ROWS_MAX:
        raise api.AskedTooMuch(_("These are more than 200,000 rows."), ROWS_MAX)
    places = {code: np.searchsorted(at_us, moments) for code, (at_us, _values) in parts.items()}
    return _each(moments, parts, places)


def _each(moments: Any, parts: Any, places: Any) -> Iterator[dict[str, Any]]:
    for i, at_us in enumerate(moments.tolist()):
        row: dict[str, Any] = {"at": contracts.from_us(at_us)}
        for code, (own_us, values) in parts.items():
            place = places[code][i]
            there = place < len(own_us) and own_us[place] == at_us
            for part, column in values.items():
                row[f"{code} {part}"] = column[place].item() if there else None
        yield row


def _csv(
    title: str, columns: list[kit.Column], rows: Iterator[dict[str, Any]]
) -> StreamingHttpResponse:
    def lines() -> Iterator[str]:
        # The mark at the beginning tells Excel that Chinese follows in UTF-8.
        yield "\ufeff"
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        writer.writerow([harmless(column.heading) for column in columns])
        for row in rows:
            writer.writerow([_plain(column, row) for column in columns])
            if buffer.tell() > 65_536:
                yield buffer.getvalue()
                buffer.seek(0)
                buffer.truncate()
        yield buffer.getvalue()

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(title)}.csv"
    return response


def harmless(words: str) -> str:
    """Return words that a spreadsheet takes for text, whatever a point is called."""
    return f"'{words}" if words.startswith(("=", "+", "-", "@", "\t", "\r")) else words


def _plain(column: kit.Column, row: dict[str, Any]) -> str:
    value = row[column.key]
    if value is None or value != value:
        return ""
    if isinstance(value, datetime):
        return formats.local(value).isoformat(sep=" ", timespec="seconds")
    return column.words(row) if column.labels else f"{value:{column.format}}"
