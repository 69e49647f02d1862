"""The signs a forecast is read from: where the level stands, what the same hours brought, weather.

Everything about a target day is said relative to its profile, the base, and uses only days before
the origin; weather alone is of the target day itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huoshui.lab.demand import profiles
from huoshui.lab.series.holes import mean_known
from huoshui.lab.series.robust import MAD_TO_SIGMA

HALF_LIVES = {"fast": (3.0, 1.0, 1.0), "base": (8.0, 2.5, 2.5), "slow": (20.0, 6.0, 6.0)}
LEVEL_CLIP_FRAC = 0.35
DAYS_AHEAD = 7
LEVELS = (1, 3, 7, 14)
NIGHTS = (1, 3, 7)
LATEST_HOURS = (1, 3, 6)
WEATHER_HALF_LIFE = 8.0
HOT_C = 16.0
EVENT_WEEKS = (1, 2, 3)
EVENT_SIGMAS = 3.0
CALM_DAYS = 56
# Makes the median absolute deviation of normally distributed values equal to their standard
# deviation: 1 / Phi^-1(3/4).


@dataclass(frozen=True)
class Weather:
    """Hourly weather of the history and of the days ahead; NaN where not known.

    Attributes
    ----------
    rain_mm, temperature_c : ndarray, shape (n_days + 7, 24)
        Rain of each hour [mm], air temperature [°C].
    """

    rain_mm: NDArray[np.float64]
    temperature_c: NDArray[np.float64]


@dataclass(frozen=True)
class Signs:
    """All that is known for every origin, ready to be put together for any hours of the day."""

    share: NDArray[np.float64]
    kind: NDArray[np.int64]
    profile: dict[str, NDArray[np.float64]]
    weekly_event: NDArray[np.float64]
    deviation: NDArray[np.float64]
    at_origin: dict[str, NDArray[np.float64]]
    same_hour: dict[str, NDArray[np.float64]]
    weekly: dict[str, NDArray[np.float64]]
    weather: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]

    @property
    def days(self) -> int:
        """Days of history; the origin of the forecast has this number."""
        return len(self.share)

    @property
    def names(self) -> list[str]:
        """The signs in the order of the last axis of `at`."""
        return [
            *self.weekly, "fast", "slow", *self.at_origin, *self.same_hour, "same_last_week",
            *self.weather,
        ]  # fmt: skip

    def at(
        self, origin: NDArray[np.int64], lead: NDArray[np.int64], hours: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the signs and the base of some hours, for pairs of origin and days ahead.

        Returns
        -------
        signs : ndarray, shape (n_pairs, n_hours, n_series, n_signs)
            Zero where not known, which is: as usual.
        base : ndarray, shape (n_pairs, n_hours, n_series)
            The profile the signs are relative to; NaN where there is none yet.
        """
        target = origin + lead
        kind = self.kind[target][:, hours]
        row, column = origin[:, None], hours[None, :]
        plain = self.profile["base"][row, kind, column]
        base = plain + self.weekly_event[target][:, hours]
        shape = base.shape
        found = [weekly[target][:, hours] - base for weekly in self.weekly.values()]
        found += [self.profile[name][row, kind, column] - plain for name in ("fast", "slow")]
        found += [
            np.broadcast_to(one[origin][:, None, :], shape) for one in self.at_origin.values()
        ]
        found += [one[origin][:, hours] for one in self.same_hour.values()]
        found.append(_weeks_before(self.deviation, target, 1)[:, hours])
        found = [np.clip(one, -LEVEL_CLIP_FRAC, LEVEL_CLIP_FRAC) for one in found]
        for now, usual in self.weather.values():
            change = now[target][:, hours] - usual[origin][:, hours]
            found.append(np.broadcast_to(change[:, :, None], shape))
        return np.nan_to_num(np.stack(found, axis=-1)), base


def read(
    share: NDArray[np.float64],
    kind: NDArray[np.int64],
    hour_of_day: NDArray[np.int64],
    weather: Weather | None,
) -> Signs:
    """Prepare the signs of every origin of a history.

    Parameters
    ----------
    share : ndarray, shape (n_days, 24, n_series)
        Values as shares of the usual one; NaN where not known. [-]
    kind : ndarray, shape (n_days + 7, 24)
        `DayKind` of each hour, with those of the days ahead.
    hour_of_day : ndarray, shape (24,)
        What the wall clock shows in each column.
    weather : Weather or None
        None: forecast without.
    """
    days = len(share)
    profile = {
        name: profiles.remembered(share, kind[:days], half_lives=half)
        for name, half in HALF_LIVES.items()
    }
    row, column = np.arange(days)[:, None], np.arange(24)[None, :]
    deviation = share - profile["base"][row, kind[:days], column]
    event = _weekly_events(deviation)
    deviation = deviation - event[:days]
    calm = np.clip(deviation, -LEVEL_CLIP_FRAC, LEVEL_CLIP_FRAC)
    night = calm[:, (hour_of_day >= 1) & (hour_of_day < 5)]
    at_origin = {f"level_{span}": _mean_before(calm, span) for span in LEVELS}
    at_origin |= {f"night_{span}": _mean_before(night, span) for span in NIGHTS}
    at_origin |= {f"latest_{span}": _mean_before(calm[:, 24 - span :], 1) for span in LATEST_HOURS}
    same_hour = {"same_1": _shifted(deviation)}
    for span in (3, 7):
        same_hour[f"same_{span}"] = np.stack(
            [mean_known(calm[max(0, day - span) : day], 0) for day in range(days + 1)]
        )
    return Signs(
        share=share,
        kind=kind,
        profile=profile,
        weekly_event=event,
        deviation=calm,
        at_origin=at_origin,
        same_hour=same_hour,
        weekly=_weekly(share),
        weather={} if weather is None else _weather(weather, days),
    )


def _weekly_events(deviation: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what one hour of the week alone brings, for each day up to a week ahead; mostly zero.

    A tank filled every Monday at midnight is no workday's use. Believed where the latest three
    weeks all had it, alike within a half, beyond three times the usual spread of that hour.
    """
    days = len(deviation)
    target = np.arange(days + DAYS_AHEAD)
    weeks = np.stack([_weeks_before(deviation, target, back) for back in EVENT_WEEKS])
    size = np.abs(weeks)
    alike = np.abs(np.sign(weeks).sum(axis=0)) == len(EVENT_WEEKS)
    alike &= size.min(axis=0) >= size.max(axis=0) / 2
    event: NDArray[np.float64] = np.zeros_like(weeks[0])
    for day in range(CALM_DAYS // 2, days + DAYS_AHEAD):
        # Known at every origin that forecasts this day.
        calm = deviation[max(0, min(day - DAYS_AHEAD, days) - CALM_DAYS) : min(day - 6, days)]
        if alike[day].any() and len(calm):
            spread = MAD_TO_SIGMA * profiles.median(np.abs(calm - profiles.median(calm)))
            beyond = alike[day] & (size[:, day].min(axis=0) > EVENT_SIGMAS * spread)
            event[day] = np.where(beyond, profiles.median(weeks[:, day]), 0.0)
    return event


def _weekly(share: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Return, for each day up to a week ahead, what its weekday brought in the weeks before."""
    target = np.arange(len(share) + DAYS_AHEAD)
    weeks = [_weeks_before(share, target, back) for back in range(1, profiles.WEEKS + 1)]
    return {
        "six_weeks": profiles.median(np.stack(weeks)),
        "week_before": weeks[0],
        "two_weeks_before": weeks[1],
    }


def _weeks_before(
    value: NDArray[np.float64], target: NDArray[np.int64], weeks: int
) -> NDArray[np.float64]:
    """Return the values of the days so many weeks before; NaN before the history begins."""
    row = target - 7 * weeks
    held = (row >= 0) & (row < len(value))
    return np.where(held[:, None, None], value[np.where(held, row, 0)], np.nan)


def _shifted(value: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what each origin knows of the day before it."""
    return np.concatenate([np.full_like(value[:1], np.nan), value])


def _mean_before(value: NDArray[np.float64], span: int) -> NDArray[np.float64]:
    """Return the mean of the days before each origin; NaN where under a third is known."""
    total = np.nansum(value, axis=1).cumsum(axis=0)
    count = (~np.isnan(value)).sum(axis=1).cumsum(axis=0)
    none = np.zeros_like(total[:1])
    total, count = np.concatenate([none, total]), np.concatenate([none, count])
    begin = np.maximum(np.arange(len(total)) - span, 0)
    total, count = total - total[begin], count - count[begin]
    enough = count >= span * value.shape[1] / 3
    return np.where(enough, total / np.maximum(count, 1), np.nan)


def _weather(
    weather: Weather, days: int
) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Return each sign of the weather with what it usually was before each origin.

    Rain dries up within a day or three; heat counts from 16 °C on, where gardens begin to be
    watered, and less when the ground is wet.
    """
    rain = np.nan_to_num(weather.rain_mm).ravel()
    warm_c = weather.temperature_c.ravel()
    shape = weather.rain_mm.shape
    wet_day = (np.minimum(_sum_back(rain, 24), 5.0) / 5.0).reshape(shape)
    wet_days = (np.minimum(_sum_back(rain, 72), 10.0) / 10.0).reshape(shape)
    rain_now = (np.minimum(_sum_back(rain, 2), 2.0) / 2.0).reshape(shape)
    rain_lately = (np.minimum(_sum_back(rain, 6), 4.0) / 4.0).reshape(shape)
    mean_c, week_c = (_mean_back(warm_c, span).reshape(shape) for span in (24, 168))
    hot = np.clip(mean_c - HOT_C, 0.0, None) / 5.0
    signs = {
        "warmth": mean_c / 10.0,
        "wet_day": np.where(np.isnan(weather.rain_mm), np.nan, wet_day),
        "wet_days": np.where(np.isnan(weather.rain_mm), np.nan, wet_days),
        "hot": hot,
        "hot_dry": hot * (1 - wet_days),
        "hot_wet": hot * wet_day,
        "warm_week": week_c / 10.0,
        "hot_week": np.clip(week_c - HOT_C, 0.0, None) / 5.0,
        "rain_now": np.where(np.isnan(weather.rain_mm), np.nan, rain_now),
        "rain_lately": np.where(np.isnan(weather.rain_mm), np.nan, rain_lately),
    }
    return {name: (sign, _usual(sign, days)) for name, sign in signs.items()}


def _sum_back(value: NDArray[np.float64], span: int) -> NDArray[np.float64]:
    """Return the sum of each hour and those before it, as many as said."""
    total = np.concatenate([[0.0], np.cumsum(value)])
    end = np.arange(1, len(value) + 1)
    summed: NDArray[np.float64] = total[end] - total[np.maximum(end - span, 0)]
    return summed


def _mean_back(value: NDArray[np.float64], span: int) -> NDArray[np.float64]:
    """Return the mean of each hour known and those before it; NaN where the hour is not known."""
    known = np.isfinite(value)
    count = np.maximum(_sum_back(known.astype(float), span), 1)
    return np.where(known, _sum_back(np.nan_to_num(value), span) / count, np.nan)


def _usual(sign: NDArray[np.float64], days: int) -> NDArray[np.float64]:
    """Return the forgetting mean of each hour of the day before each origin."""
    gain = 1 - 0.5 ** (1 / WEATHER_HALF_LIFE)
    found = np.full((days + 1, 24), np.nan)
    now = np.full(24, np.nan)
    for day in range(days):
        found[day] = now
        step = np.where(np.isnan(now), sign[day], now + gain * (sign[day] - now))
        now = np.where(np.isnan(sign[day]), now, step)
    found[days] = now
    return found
