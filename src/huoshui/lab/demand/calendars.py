"""What kind of day a day is: at work, a Saturday, or a Sunday and whatever is lived like one.

Where nobody says whose holidays to use, the history does: on a country's feasts that fall on
Monday to Friday people used water as on a Sunday, or they did not.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

import holidays
import numpy as np
from numpy.typing import NDArray

from huoshui.lab.demand import profiles
from huoshui.lab.series.holes import mean_known

DAY = timedelta(days=1)
WEEKS = 3
FEASTS_MIN = 2
KNOWN_MIN = 12
CHINA = "CN"
# The clock each calendar goes by. Countries with several zones stand with that of the capital.
ZONES = {
    "CN": "Asia/Shanghai",
    "AT": "Europe/Vienna",
    "AU": "Australia/Sydney",
    "BE": "Europe/Brussels",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CH": "Europe/Zurich",
    "CZ": "Europe/Prague",
    "DE": "Europe/Berlin",
    "ES": "Europe/Madrid",
    "FR": "Europe/Paris",
    "GB": "Europe/London",
    "GR": "Europe/Athens",
    "HR": "Europe/Zagreb",
    "HU": "Europe/Budapest",
    "IT": "Europe/Rome",
    "JP": "Asia/Tokyo",
    "KR": "Asia/Seoul",
    "NL": "Europe/Amsterdam",
    "PL": "Europe/Warsaw",
    "PT": "Europe/Lisbon",
    "SG": "Asia/Singapore",
    "SI": "Europe/Ljubljana",
    "US": "America/New_York",
}


class UnknownCountry(ValueError):
    """No calendar of holidays is kept under this code."""


class DayKind(IntEnum):
    """Days that are lived alike."""

    WORKDAY = 0
    SATURDAY = 1
    SUNDAY = 2


@dataclass(frozen=True)
class Likeness:
    """How much closer to a Sunday than to a workday a country's feasts were.

    Attributes
    ----------
    country : str
        Code by ISO 3166-1.
    feasts : int
        How many of them, on Monday to Friday, the history knows. [-]
    gain_frac : float
        Sum over these days of the distance from a workday less that from a Sunday, as shares of
        the usual value; above zero they were Sundays. [-]
    """

    country: str
    feasts: int
    gain_frac: float


@functools.lru_cache(maxsize=256)
def _calendar(country: str, year: int) -> holidays.HolidayBase:
    try:
        return holidays.country_holidays(country, years=year)
    except NotImplementedError as unknown:
        msg = f"no holidays are kept for the country {country!r}; give its ISO 3166-1 code"
        raise UnknownCountry(msg) from unknown


def zone_of(country: str | None) -> ZoneInfo | None:
    """Return the zone of a country's clock; None where none is kept."""
    return ZoneInfo(ZONES[country]) if country is not None and country in ZONES else None


def is_feast(day: date, country: str | None) -> bool:
    """Tell whether a day is a public holiday; without a country none is."""
    return country is not None and day in _calendar(country, day.year)


def kind_of(day: date, country: str | None) -> DayKind:
    """Return the kind of a day; a weekend day swapped for a workday counts as a workday."""
    if country is not None:
        calendar = _calendar(country, day.year)
        if day in calendar:
            return DayKind.SUNDAY
        if day.weekday() >= 5 and calendar.is_working_day(day):
            return DayKind.WORKDAY
    return DayKind(max(0, day.weekday() - 4))


def likenesses(
    *, begins_on: date, value: NDArray[np.float64], countries: Sequence[str] = tuple(ZONES)
) -> list[Likeness]:
    """Return how well each country's feasts explain days of a history, best first.

    Parameters
    ----------
    begins_on : date
        Day of the first row.
    value : ndarray, shape (n_days, 24, n_series)
        Hourly values; NaN where not known. Any unit.
    countries : sequence of str
        Codes by ISO 3166-1.

    Returns
    -------
    list of Likeness
        Countries with no feast in the history are left out.
    """
    gain = _sunday_gain(begins_on, value)
    found = []
    for country in countries:
        feasts = [
            gain[number]
            for number in range(len(gain))
            if np.isfinite(gain[number]) and is_feast(begins_on + number * DAY, country)
        ]
        if feasts:
            found.append(Likeness(country, len(feasts), float(np.sum(feasts))))
    return sorted(found, key=lambda one: -one.gain_frac)


def likely_country(*, begins_on: date, value: NDArray[np.float64]) -> str | None:
    """Return the country whose feasts were lived as Sundays; None where none is clear.

    At least two feasts on Monday to Friday must be known, and together they must have been
    closer to a Sunday than to a workday.
    """
    for one in likenesses(begins_on=begins_on, value=value):
        if one.feasts >= FEASTS_MIN and one.gain_frac > 0:
            return one.country
    return None


def _sunday_gain(begins_on: date, value: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return, for each Monday to Friday, how much closer it was to a Sunday; NaN otherwise."""
    gain = np.full(len(value), np.nan)
    weekday = (begins_on.weekday() + np.arange(len(value))) % 7
    number = np.flatnonzero((weekday < 5) & (np.arange(len(value)) >= WEEKS * 7))
    if not len(number):
        return gain
    usual = profiles.median(np.abs(value).reshape(-1, value.shape[2]))
    share = value / np.where(usual > 0, usual, np.nan)
    weeks = 7 * np.arange(WEEKS)[:, None]
    work = profiles.median(share[number - 7 - weeks])
    sunday = profiles.median(share[number - weekday[number] - 1 - weeks])
    difference = np.abs(share[number] - work) - np.abs(share[number] - sunday)
    enough = (~np.isnan(difference)).sum(axis=(1, 2)) >= KNOWN_MIN
    gain[number] = np.where(enough, mean_known(difference, (1, 2)), np.nan)
    return gain
