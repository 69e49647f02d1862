"""What customers take: day, week, season, and the weather of chance.

Chance is drawn for each UTC day from (seed, day), so any day can be made again without those
before it, and days join without a step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

STEP_S = 300
STEPS_A_DAY = 86400 // STEP_S
KNOTS_A_DAY = 8
GROUPS = 48
SEASON_FRAC = 0.10
WARMEST_DAY = 205  # about 24 July
CITY_NOISE_FRAC = 0.012
GROUP_NOISE_FRAC = 0.06
NODE_NOISE_FRAC = 0.15
QUICK_NOISE_FRAC = 0.05
# The file's week begins on a Monday, in a country that rests on Friday and Saturday. Ours rests a
# day later, so its Monday takes the file's Sunday.
FILE_WEEKDAY_OF_MONDAY = 6


def epoch_day(moment: datetime) -> int:
    """Return the number of the UTC day since 1970."""
    return int(moment.timestamp() // 86400)


def day_start(day: int) -> datetime:
    """Return the moment at which a UTC day begins."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)


@dataclass(frozen=True)
class Habits:
    """The weekly patterns of the network file and how chance plays with them.

    Attributes
    ----------
    patterns : ndarray, shape (n_patterns, 2016)
        Multipliers of one week in steps of five minutes, from the file's Monday on.
    groups : int
        Number of independent streams of chance; each node follows one.
    own_stream : ndarray of bool, shape (n_groups,)
        Streams of single metered customers, wilder than those of whole streets.
    """

    patterns: Array
    own_stream: NDArray[np.bool_]
    zone: ZoneInfo
    seed: int

    def factors(self, day: int) -> Array:
        """Return what each stream makes of each pattern on a UTC day.

        Returns
        -------
        ndarray, shape (n_groups, n_patterns, STEPS_A_DAY)
            Multipliers of base demands, not below zero. [-]
        """
        common = self._week(day) * (
            self._season(day) * (1 + self._smooth(day, 1, salt=1)[0] * CITY_NOISE_FRAC)
        )
        own = np.where(self.own_stream, NODE_NOISE_FRAC, GROUP_NOISE_FRAC)[:, None]
        slow = self._smooth(day, self.own_stream.size, salt=2) * own
        quick = self._rng(day, 3).normal(0, QUICK_NOISE_FRAC, slow.shape)
        return np.maximum((1 + slow + quick)[:, None, :] * common[None], 0.0)

    def _rng(self, day: int, salt: int) -> np.random.Generator:
        return np.random.default_rng((self.seed, day, salt))

    def _week(self, day: int) -> Array:
        """Return the patterns as the local calendar of that day wants them."""
        start = day_start(day)
        local = start.astimezone(self.zone)
        minute = (local.weekday() + FILE_WEEKDAY_OF_MONDAY) % 7 * 1440 + local.hour * 60
        first = (minute + local.minute) * 60 // STEP_S
        steps = (first + np.arange(STEPS_A_DAY)) % self.patterns.shape[1]
        week: Array = self.patterns[:, steps]
        return week

    def _season(self, day: int) -> Array:
        """Return the season's factor through the day: most in late July, least in late January."""
        start = day_start(day)
        days = start.timetuple().tm_yday + np.arange(STEPS_A_DAY) / STEPS_A_DAY
        season: Array = 1 + SEASON_FRAC * np.cos(2 * np.pi * (days - WARMEST_DAY) / 365.25)
        return season

    def _smooth(self, day: int, rows: int, *, salt: int) -> Array:
        """Return slow chance of about unit size: a normal number every three hours, joined."""
        today = self._rng(day, salt).normal(size=(rows, KNOTS_A_DAY))
        tomorrow = self._rng(day + 1, salt).normal(size=(rows, KNOTS_A_DAY))[:, :1]
        knots = np.concatenate([today, tomorrow], axis=1)
        place = np.arange(STEPS_A_DAY) * KNOTS_A_DAY / STEPS_A_DAY
        left = place.astype(int)
        share = (1 - np.cos(np.pi * (place - left))) / 2
        smooth: Array = knots[:, left] * (1 - share) + knots[:, left + 1] * share
        return smooth


def streams(
    nodes: Sequence[str], *, own: Sequence[str], seed: int
) -> tuple[dict[str, int], NDArray[np.bool_]]:
    """Give each node a stream of chance: its own to metered customers, shared to the others."""
    rng = np.random.default_rng((seed, 0, 4))
    shared = rng.integers(0, GROUPS, len(nodes))
    stream = {node: int(group) for node, group in zip(nodes, shared, strict=True)}
    stream |= {node: GROUPS + place for place, node in enumerate(own)}
    return stream, np.arange(GROUPS + len(own)) >= GROUPS
