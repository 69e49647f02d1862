"""Forecast what zones will use, from plain files to a plain file; needs no installation."""

from __future__ import annotations

import argparse
import collections
import csv
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
from numpy.typing import NDArray

from huoshui.cli import plain_files, wall_tables
from huoshui.cli.speaking import gettext as _
from huoshui.kernel import errors
from huoshui.lab.demand import calendars, wall_hours
from huoshui.lab.demand import forecast as forecasts

GUESSED = "auto"
NO_COUNTRY = "none"
SHOWN = 20
# Words by which a column of the weather file is known, English, Italian and Chinese.
RAIN = ("rain", "precip", "pioggia", "降雨", "降水", "雨量")
TEMPERATURE = ("temp", "气温", "温度")


class NotUsable(errors.Refused):
    """What was asked for, or a file, does not allow a forecast."""

    def __init__(self, message: str, next_step: str = "") -> None:
        super().__init__("forecast.not_usable", message, next_step=next_step)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the files and the hours wanted."""
    helps = {
        "inflow": _("hourly values: a wall-clock time, then one column per zone"),
        "weather": _("hourly rain (mm) and air temperature (°C), also of the hours ahead"),
        "start": _("the first hour wanted, on the clock of the file"),
        "hours": _("how many hours, 1 to 168 (168)"),
        "out": _("the forecast: the columns of the inflow, one row per hour"),
        "bands": _("lower and upper edge of the band of each zone"),
        "inside": _("share of hours that the band is to hold (0.9)"),
        "country": _(
            "whose holidays count, such as CN or IT; none: no holidays; auto: as the history"
            " shows, else CN (auto)"
        ),
        "zone": _("zone of the clock, such as Europe/Rome (that of the country)"),
    }
    file: dict[str, Any] = {"type": Path, "metavar": "CSV"}
    add = parser.add_argument
    add("--inflow", required=True, help=helps["inflow"], **file)
    add("--weather", help=helps["weather"], **file)
    add("--start", required=True, metavar="TIME", help=helps["start"])
    add("--hours", type=int, default=forecasts.HOURS_MAX, metavar="H", help=helps["hours"])
    add("--out", required=True, help=helps["out"], **file)
    add("--bands", help=helps["bands"], **file)
    add("--inside", type=float, default=forecasts.SHARE_INSIDE, metavar="SHARE",
        help=helps["inside"])  # fmt: skip
    add("--country", default=GUESSED, metavar="CODE", help=helps["country"])
    add("--zone", metavar="ZONE", help=helps["zone"])


def run(options: argparse.Namespace) -> int:
    """Write the forecast; exit status 2 for what cannot be forecast."""
    inflow = wall_tables.read_table(options.inflow)
    start_at = wall_tables.moment(options.start)
    if start_at is None:
        raise NotUsable(
            _("'%(value)s' is not a time.") % {"value": options.start},
            _("Write it like 2026-03-01T00:00, without a zone."),
        )
    history = _before(inflow, start_at)
    _check(options, history, start_at)
    rain_mm, temperature_c, weather = _weather(options.weather)
    told = options.country.upper()
    guess = options.country.lower() == GUESSED
    none = options.country.lower() == NO_COUNTRY
    try:
        found = forecasts.forecast(
            history,
            start_at=start_at,
            hours=options.hours,
            rain_mm=rain_mm,
            temperature_c=temperature_c,
            country=calendars.CHINA if guess else None if none else told,
            guess_country=guess,
            zone=_zone(options.zone),
            share_inside=options.inside,
            with_bands=options.bands is not None,
        )
    except calendars.UnknownCountry as refused:
        raise NotUsable(
            _("No holidays are kept for the country %(country)s.") % {"country": told},
            _("Write its two letters of ISO 3166-1, such as CN, or none."),
        ) from refused
    names = inflow.columns[1:]
    if np.isnan(found.value).all():
        raise NotUsable(
            _("No zone has values enough before %(start)s for a forecast.")
            % {"start": start_at.isoformat(timespec="minutes")},
            _("The history ends at %(end)s: begin there, or give newer values.")
            % {"end": history.ends_at.isoformat(timespec="minutes")},
        )
    _write(options.out, inflow, names, found.at, found.value)
    if options.bands is not None:
        both = np.stack([found.low, found.high], axis=-1).reshape(len(found.at), -1)
        edges = [f"{name}_{edge}" for name in names for edge in ("low", "high")]
        _write(options.bands, inflow, edges, found.at, both)
    zone = _zone(options.zone) or calendars.zone_of(found.country)
    for table in (inflow, weather):
        if table is not None:
            _doubt_doubles(table, zone)
            _complain(table)
    _tell(found, names, told_weather=options.weather is not None)
    if options.bands is not None and np.isnan(found.low).all():
        say = _("The bands are empty: they need seven weeks of history.")
        sys.stderr.write(say + "\n")
    if start_at - history.ends_at >= forecasts.DAY:
        words = _("The history ends at %(end)s, long before the start: the level may have moved.")
        end = history.ends_at.isoformat(timespec="minutes")
        sys.stderr.write(words % {"end": end} + "\n")
    return 0


def _check(options: argparse.Namespace, history: wall_hours.WallHours, start_at: datetime) -> None:
    """Refuse in the reader's language what the laboratory would refuse in its own."""
    if not 1 <= options.hours <= forecasts.HOURS_MAX:
        words = _("--hours is 1 to 168; it is %(hours)d.")
        raise NotUsable(words % {"hours": options.hours})
    if not 0 < options.inside < 1:
        words = _("--inside lies between 0 and 1; it is %(share)s.")
        raise NotUsable(words % {"share": options.inside})
    if start_at != start_at.replace(minute=0, second=0, microsecond=0):
        raise NotUsable(_("A forecast begins on the full hour."))
    if start_at - history.begins_at < forecasts.DAYS_MIN * forecasts.DAY:
        words = _(
            "The history begins at %(begin)s; it must begin at least 7 days before the start."
        )
        begin = history.begins_at.isoformat(timespec="minutes")
        raise NotUsable(words % {"begin": begin})


def _before(inflow: wall_tables.Table, start_at: datetime) -> wall_hours.WallHours:
    """Return the history: what was read before the start, and nothing else."""
    use = np.array([at < start_at for at in inflow.at])
    if not use.any():
        raise NotUsable(
            _("%(file)s holds nothing before %(start)s.")
            % {"file": inflow.path, "start": start_at.isoformat(timespec="minutes")}
        )
    wall = [at for at, used in zip(inflow.at, use, strict=True) if used]
    return wall_hours.on_wall_hours(wall, inflow.value[use])


def _zone(name: str | None) -> ZoneInfo | None:
    if name is None:
        return None
    if name not in available_timezones():
        raise NotUsable(_("%(name)s is not a known zone.") % {"name": name})
    return ZoneInfo(name)


def _weather(
    path: Path | None,
) -> tuple[wall_hours.WallHours | None, wall_hours.WallHours | None, wall_tables.Table | None]:
    """Return rain and temperature, each None where the file is missing."""
    if path is None:
        return None, None, None
    table = wall_tables.read_table(path)
    found = []
    for words in (RAIN, TEMPERATURE):
        places = [
            number
            for number, name in enumerate(table.columns[1:])
            if any(word in name.lower() for word in words)
        ]
        if len(places) != 1:
            raise NotUsable(
                _("%(file)s: one column of rain and one of air temperature are needed; its columns "
                  "are %(columns)s.")
                % {"file": path, "columns": ", ".join(table.columns)}
            )  # fmt: skip
        found.append(wall_hours.on_wall_hours(table.at, table.value[:, places]))
    return found[0], found[1], table


def _write(
    path: Path,
    like: wall_tables.Table,
    names: list[str],
    at: list[datetime],
    value: NDArray[np.float64],
) -> None:
    """Write a table as the inflow is written: its separator, decimal sign and form of the time."""
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=like.separator, lineterminator="\n")
            writer.writerow([like.columns[0], *names])
            for moment, row in zip(at, value, strict=True):
                writer.writerow([like.time_words(moment), *map(like.number_words, row)])
    except OSError as failed:
        raise plain_files.not_written(path, failed) from failed


def _doubt_doubles(table: wall_tables.Table, zone: ZoneInfo | None) -> None:
    """List the times that a file says more often than its clock shows them."""
    for at, count in collections.Counter(table.at).items():
        if count > 1 + wall_hours.comes_twice(at, zone):
            said = {"time": table.time_words(at), "count": count}
            words = _("%(time)s stands there %(count)d times; the mean is taken")
            table.problems.append(words % said)


def _complain(table: wall_tables.Table) -> None:
    for problem in table.problems[:SHOWN]:
        sys.stderr.write(f"{table.path}: {problem}\n")
    if len(table.problems) > SHOWN:
        more = _("and %(count)d more") % {"count": len(table.problems) - SHOWN}
        sys.stderr.write(f"{table.path}: … {more}\n")


def _tell(found: forecasts.Forecast, names: list[str], *, told_weather: bool) -> None:
    """Say what the forecast rests on, and what it could not do."""
    say = sys.stderr.write
    if found.country_was_guessed:
        words = _("The holidays are those of %(country)s, as the history shows (--country).")
        say(words % {"country": found.country} + "\n")
    elif found.country is not None:
        say(_("The holidays are those of %(country)s.") % {"country": found.country} + "\n")
    if not told_weather:
        say(_("Weather is not used: give it with --weather.") + "\n")
    empty = [name for name, row in zip(names, found.value.T, strict=True) if np.isnan(row).any()]
    if empty:
        say(_("No forecast for lack of history: %(names)s") % {"names": ", ".join(empty)} + "\n")
