"""What instruments make of the truth: error, rounding, silence and lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huoshui.democity.simulate.demand import STEPS_A_DAY

Array = NDArray[np.float64]

GOOD, ESTIMATED, DOUBTFUL = 0, 1, 2


@dataclass(frozen=True)
class Instrument:
    """How one kind of instrument errs.

    Attributes
    ----------
    noise : float
        Standard deviation of a reading. [unit of the kind]
    noise_frac : float
        Standard deviation of a reading as a share of its value. [-]
    offset : float
        Standard deviation, over instruments, of what one always reads too much: of a pressure
        sensor the error of its surveyed height. [unit of the kind]
    gain_frac : float
        Standard deviation, over instruments, of a share by which one reads too much. [-]
    decimals : int
        Digits it sends.
    """

    noise: float = 0.0
    noise_frac: float = 0.0
    offset: float = 0.0
    gain_frac: float = 0.0
    decimals: int = 2


KINDS = {
    "pressure": Instrument(noise=0.02, offset=0.12),
    "flow": Instrument(noise=0.05, noise_frac=0.003, gain_frac=0.003),
    "level": Instrument(noise=0.004),
    "use": Instrument(noise_frac=0.0, gain_frac=0.01, decimals=1),
}
SILENT_A_DAY_FRAC = 0.012
STUCK_A_DAY_FRAC = 0.002
OUTAGE_A_DAY_FRAC = 0.006


def measure(
    truth: Array, kinds: Sequence[str], *, day: int, seed: int
) -> tuple[Array, NDArray[np.uint8]]:
    """Return what the instruments send of a day's truth.

    Parameters
    ----------
    truth : ndarray, shape (n_points, n_steps)
        True values of one UTC day at equal steps.
    kinds : sequence of str
        Kind of each point.
    day : int
        Which day; with ``seed`` it decides all chance.
    seed : int
        The city's seed.

    Returns
    -------
    values : ndarray, shape (n_points, n_steps)
        Readings; NaN where none came.
    quality : ndarray of uint8, shape (n_points, n_steps)
        0 good, 1 estimated (the logger repeats its latest value), 2 doubtful (stuck).
    """
    count = len(truth)
    gain, offset = np.random.default_rng((seed, 0, 7)).normal(size=(2, count))
    rng = np.random.default_rng((seed, day, 8))
    noise = rng.normal(size=truth.shape)
    values = truth.copy()
    quality = np.zeros(truth.shape, dtype=np.uint8)
    for row, kind in enumerate(kinds):
        one = KINDS[kind]
        values[row] = values[row] * (1 + one.gain_frac * gain[row]) + one.offset * offset[row]
        values[row] += noise[row] * (one.noise + one.noise_frac * np.abs(values[row]))
        values[row] = np.round(values[row], one.decimals)
        if kind in ("flow", "use", "level"):
            values[row] = np.maximum(values[row], 0.0)
    _fail(values, quality, rng)
    return values, quality


def _fail(values: Array, quality: NDArray[np.uint8], rng: np.random.Generator) -> None:
    """Let some instruments fall silent or stick, and now and then a whole logger."""
    count, steps = values.shape
    an_hour = steps / 24
    for row in np.flatnonzero(rng.random(count) < SILENT_A_DAY_FRAC):
        start = int(rng.integers(steps))
        end = start + max(1, round(float(rng.uniform(0.3, 5)) * an_hour))
        values[row, start:end] = np.nan
        if rng.random() < 0.3 and start > 0:
            # This logger repeats what it knew last and says so.
            values[row, start:end] = values[row, start - 1]
            quality[row, start:end] = ESTIMATED
    for row in np.flatnonzero(rng.random(count) < STUCK_A_DAY_FRAC):
        start = int(rng.integers(steps))
        end = start + max(2, round(float(rng.uniform(1, 3)) * an_hour))
        values[row, start:end] = values[row, start]
        quality[row, start:end] = DOUBTFUL
    if rng.random() < OUTAGE_A_DAY_FRAC:
        start = int(rng.integers(steps))
        end = start + max(1, round(float(rng.uniform(0.5, 2)) * an_hour))
        values[rng.random(count) < 0.4, start:end] = np.nan


__all__ = ["KINDS", "STEPS_A_DAY", "Instrument", "measure"]
