"""The forecast of zones for the coming hours, up to a week, with bands."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from huoshui.lab.demand import bands, calendars, fitting, kriging, profiles, signs, steps
from huoshui.lab.demand.wall_hours import HOUR, WallHours, labels_from
from huoshui.lab.series.holes import mean_known

HOURS_MAX = 168
DAY = timedelta(days=1)
DAYS_MIN = 7
DAYS_MAX = 1100
LEVEL_KEPT = 0.7
# Two methods that err apart are mixed.
KRIGING_SHARE = 0.75
# A fit on fewer days errs more than it adds.
FIT_FROM_DAYS = 42
PROVEN_FROM_DAYS = 35
# A series is measured in so many medians of what an hour differs from that of the week before: it
# makes the series alike to a fit that they share, and is near the flow itself.
UNIT_CHANGES = 17.0
SHARE_INSIDE = 0.9
PROVEN_DAYS = 84
REFIT_DAYS = 28
MODEL = "kriging-6"


class NotForecastable(ValueError):
    """The question lies outside what a forecast can answer."""


@dataclass(frozen=True)
class Forecast:
    """What a zone will use.

    Attributes
    ----------
    at : list of datetime
        What the wall clock shows at each hour; naive.
    value, low, high : ndarray, shape (n_hours, n_series)
        The forecast and the band that holds ``share_inside`` of the hours, in the unit of the
        history. NaN for a series whose history is too short, and for a band not proven yet.
    share_inside : float
        What the band promises. [-]
    country : str or None
        Whose holidays were used.
    country_was_guessed : bool
        Whether the history told it.
    with_weather : bool
        Whether weather was used.
    history_days : ndarray, shape (n_series,)
        Days of values behind each series. [d]
    model : str
        Version of the method.
    """

    at: list[datetime]
    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    share_inside: float
    country: str | None
    country_was_guessed: bool
    with_weather: bool
    history_days: NDArray[np.float64]
    model: str = MODEL


def forecast(
    history: WallHours,
    *,
    start_at: datetime,
    hours: int = HOURS_MAX,
    rain_mm: WallHours | None = None,
    temperature_c: WallHours | None = None,
    country: str | None = calendars.CHINA,
    guess_country: bool = False,
    zone: ZoneInfo | None = None,
    share_inside: float = SHARE_INSIDE,
    with_bands: bool = True,
) -> Forecast:
    """Forecast every series of a history from a moment on.

    Parameters
    ----------
    history : WallHours
        Hourly flow or volume on the wall clock. Nothing at or after ``start_at`` is read. Any
        unit; the forecast is in the same.
    start_at : datetime
        The first hour wanted, naive, on the full hour.
    hours : int
        1 to 168. [h]
    rain_mm, temperature_c : WallHours, optional
        Weather of the same clock, one series each, with a forecast of it for the hours ahead;
        where it ends, the weather is taken to stay as it was. Both or neither. [mm], [°C]
    country : str or None
        Whose holidays count, by ISO 3166-1; None for no holidays.
    guess_country : bool
        Take the country whose feasts the history shows, and ``country`` only where it shows none.
    zone : ZoneInfo, optional
        The zone of the clock; default is that of the country. It matters where the clock is
        changed in the hours ahead.
    share_inside : float
        What share of hours the band is to hold. [-]
    with_bands : bool
        False saves the time of proving the method on the latest weeks.

    Returns
    -------
    Forecast

    Raises
    ------
    NotForecastable
        If ``hours`` or ``share_inside`` is out of range, ``start_at`` is not a full hour of a
        wall clock, or the history begins less than a week before it.
    UnknownCountry
        If no holidays are kept for ``country``.

    Notes
    -----
    Profiles of workdays, Saturdays and Sundays that forget with half-lives of weeks give the base.
    A linear fit corrects it, for three hours of the day and one span of days ahead at a time, from
    the level of the latest hours, days and nights, the same hours of days and weeks before and the
    weather; see `signs` and `fitting`. Three parts in four are a forecast from how alike hours are;
    see `kriging`. Until six weeks are known it stands alone. A holiday is forecast as a Sunday.

    Where the level stepped five days to two weeks ago and stayed, as a leak makes it, the history
    before is moved by the step first; see `steps`.

    The band comes from forecasts of the latest twelve weeks, each made by a fit that had not seen
    what it forecast. It does not foresee a burst, a new customer or an order to shut a valve.
    """
    _check(history, start_at, hours, share_inside)
    days = min((start_at - history.begins_at) // DAY, DAYS_MAX)
    value = _days(history, start_at - days * DAY, days)
    guessed = _guess(history, start_at) if guess_country else None
    country = guessed or country
    hour_of_day = (start_at.hour + np.arange(24)) % 24
    kind = _kinds(start_at - days * DAY, days + signs.DAYS_AHEAD, country)
    unit = _unit(value)
    weather = _weather(rain_mm, temperature_c, start_at, days)
    read = signs.read(value / unit, kind, hour_of_day, weather)
    first = max(PROVEN_FROM_DAYS, days - PROVEN_DAYS) if with_bands else days
    alike = kriging.covariance_factor(read)
    share = _shares(read, alike, first=min(first, days))
    below, above = bands.edges(_errors(read, share[:-1]) * unit, share_inside=share_inside)
    since, size = steps.latest_steps(
        read.share, read.deviation, size_min=steps.SIZE_MIN_FRAC * _usual(value) / unit
    )
    if size.any():
        leveled = steps.leveled(read.share, since, size)
        share = _shares(signs.read(leveled, kind, hour_of_day, weather), alike, first=days)
    series = value.shape[2]
    wide = share[-1] * unit
    low, high = wide + below, wide + above
    # A flow that never turned back is not expected to.
    floor = np.where(np.nan_to_num(value).min(axis=(0, 1)) >= 0, 0.0, -np.inf)
    wide, low, high = (np.maximum(one, floor) for one in (wide, low, high))
    labels, place = _places(start_at, hours, country, zone)
    return Forecast(
        at=labels,
        value=wide.reshape(-1, series)[place],
        low=low.reshape(-1, series)[place],
        high=high.reshape(-1, series)[place],
        share_inside=share_inside,
        country=country,
        country_was_guessed=guessed is not None,
        with_weather=weather is not None,
        history_days=np.isfinite(value).sum(axis=(0, 1)) / 24,
    )


def _check(history: WallHours, start_at: datetime, hours: int, share_inside: float) -> None:
    if not 1 <= hours <= HOURS_MAX:
        msg = f"hours must be 1 to {HOURS_MAX}; it is {hours}"
        raise NotForecastable(msg)
    if not 0 < share_inside < 1:
        msg = f"share_inside must lie between 0 and 1; it is {share_inside}"
        raise NotForecastable(msg)
    if start_at.tzinfo is not None or start_at != start_at.replace(
        minute=0, second=0, microsecond=0
    ):
        msg = f"start_at must be a full hour of the wall clock, without a zone; it is {start_at}"
        raise NotForecastable(msg)
    if start_at - history.begins_at < DAYS_MIN * DAY:
        msg = (
            f"the history begins at {history.begins_at}; it must begin at least {DAYS_MIN} days "
            f"before the start, which is {start_at}"
        )
        raise NotForecastable(msg)


def _days(held: WallHours, from_at: datetime, days: int) -> NDArray[np.float64]:
    return held.between(from_at, from_at + days * DAY).reshape(days, 24, -1)


def _kinds(from_at: datetime, days: int, country: str | None) -> NDArray[np.int64]:
    """Return the kind of day of each hour, for days that begin at the hour of the start."""
    dates = [from_at.date() + number * DAY for number in range(days + 1)]
    kind = np.array([int(calendars.kind_of(one, country)) for one in dates])
    hourly = np.repeat(kind, 24)[from_at.hour :][: days * 24]
    return hourly.reshape(days, 24)


def _guess(history: WallHours, start_at: datetime) -> str | None:
    midnight = start_at.replace(hour=0)
    days = (midnight - history.begins_at) // DAY
    first = midnight - days * DAY
    begins_on: date = first.date()
    return calendars.likely_country(begins_on=begins_on, value=_days(history, first, days))


def _unit(value: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what each series is measured in; its usual value where no two weeks can be told."""
    change = profiles.median(np.abs(value[7:] - value[:-7]).reshape(-1, value.shape[2]))
    return np.where(np.nan_to_num(change) > 0, UNIT_CHANGES * change, _usual(value))


def _usual(value: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the median of each series, or its mean size if that is 0."""
    hourly = value.reshape(-1, value.shape[2])
    middle = np.abs(profiles.median(hourly))
    size = mean_known(np.abs(hourly), 0)
    usual = np.where(np.nan_to_num(middle) > 0, middle, size)
    return np.where(np.nan_to_num(usual) > 0, usual, 1.0)


def _weather(
    rain_mm: WallHours | None, temperature_c: WallHours | None, start_at: datetime, days: int
) -> signs.Weather | None:
    if rain_mm is None or temperature_c is None:
        return None
    begin, span = start_at - days * DAY, days + signs.DAYS_AHEAD
    rain, warm = (_days(one, begin, span)[:, :, 0] for one in (rain_mm, temperature_c))
    return signs.Weather(rain_mm=rain, temperature_c=warm)


def _shares(read: signs.Signs, alike: NDArray[np.float32], *, first: int) -> NDArray[np.float64]:
    """Return the forecasts from each day since the first, today's last.

    Fit and Kriging mixed, shape (n_origins, 7, 24, n_series).
    """
    cuts = [*range(first, read.days, REFIT_DAYS), read.days]
    origins = [list(range(a, b)) for a, b in itertools.pairwise(cuts)] + [[read.days]]
    origin = np.arange(first, read.days + 1)
    fitted = fitting.forecast_shares(read, cuts=cuts, origins=origins)
    kriged = kriging.forecast_shares(read, origins=origin.tolist(), factor=alike)
    mixed = (1 - KRIGING_SHARE) * fitted + KRIGING_SHARE * kriged
    mixed = np.where(np.isnan(mixed), fitted, mixed)
    learning = origin[:, None, None, None] < FIT_FROM_DAYS
    mixed = np.where(learning, kriged, mixed)
    return np.where(np.isnan(mixed), _by_level(read, origin), mixed)


def _errors(read: signs.Signs, share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the errors of forecasts from the latest days."""
    origin = np.arange(read.days - len(share), read.days)
    target = origin[:, None] + np.arange(signs.DAYS_AHEAD)
    held = target < read.days
    measured = np.where(held[..., None, None], read.share[np.where(held, target, 0)], np.nan)
    error: NDArray[np.float64] = measured - share
    return error


def _by_level(read: signs.Signs, origin: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return profile and level alone, shape (n_origins, 7, 24, n_series)."""
    kind = read.kind[origin[:, None] + np.arange(signs.DAYS_AHEAD)]
    row, hour = origin[:, None, None], np.arange(24)[None, None, :]
    known = read.profile["base"]
    share: NDArray[np.float64] = known[row, kind, hour]
    # A kind of day not seen yet is taken for the nearest that was.
    for other in (calendars.DayKind.SUNDAY, calendars.DayKind.SATURDAY, calendars.DayKind.WORKDAY):
        share = np.where(np.isnan(share), known[origin, int(other)][:, None], share)
    share += read.weekly_event[origin[:, None] + np.arange(signs.DAYS_AHEAD)]
    level = np.nan_to_num(read.at_origin["level_3"][origin])
    return share + LEVEL_KEPT * level[:, None, None, :]


def _places(
    start_at: datetime, hours: int, country: str | None, zone: ZoneInfo | None
) -> tuple[list[datetime], NDArray[np.int64]]:
    """Return what the clock shows at each hour, and its place among the hours forecast."""
    labels = labels_from(start_at, hours=hours, zone=zone or calendars.zone_of(country))
    place = np.array([(one - start_at) // HOUR for one in labels], dtype=np.int64)
    # In spring the clock is an hour ahead, so the last of 168 hours lies just beyond the week: it
    # is taken as the same hour of the day before.
    place = np.where(place >= HOURS_MAX, place - 24, place)
    return labels, place
