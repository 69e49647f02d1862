"""The water balance of the IWA, every term with its 95 % band, and the term that widens it most.

    water supplied = own sources + imported - exported - rise of what tanks hold
    |- authorised consumption: billed (metered, unmetered), unbilled (metered, unmetered)
    `- water losses: apparent (unauthorised, meters, data) and real, which is what remains:
       known leaks of mains, of connections, leaks and overflows of tanks, and the unlocated rest

Whatever is not measured is a difference, so its band is wide: that is the point of showing it.

References
----------
.. [1] A. Lambert, W. Hirner, "Losses from water supply systems: standard terminology and
   recommended performance measures", IWA Blue Pages, 2000.
.. [2] AWWA, "Water Audits and Loss Control Programs", Manual M36, 4th ed. 2016, ch. 3 and 4.
.. [3] J. Thornton, R. Sturm, G. Kunkel, "Water Loss Control", 2nd ed. 2008, sec. 7.8: bands from
   variances, (volume x share / 1.96)², added up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

SUPPLIED = {"own_sources": 1, "imported": 1, "exported": -1, "storage_rise": -1}
BILLED = ("billed_metered", "billed_unmetered")
UNBILLED = ("unbilled_metered", "unbilled_unmetered")
APPARENT = ("unauthorised", "meter_errors", "data_errors")
REAL = ("mains_leaks", "connection_leaks", "tank_overflows")
TERMS = (*SUPPLIED, *BILLED, *UNBILLED, *APPARENT, *REAL)
"""What goes in; all volumes not below zero but the rise of storage, which may be a fall."""


def _sum(*names: str, sign: int = 1) -> dict[str, int]:
    return dict.fromkeys(names, sign)


RESULTS: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "system_input": _sum("own_sources", "imported"),
        "water_supplied": SUPPLIED,
        "billed_authorised": _sum(*BILLED),
        "unbilled_authorised": _sum(*UNBILLED),
        "authorised": _sum(*BILLED, *UNBILLED),
        "revenue_water": _sum(*BILLED),
        "non_revenue_water": SUPPLIED | _sum(*BILLED, sign=-1),
        "water_losses": SUPPLIED | _sum(*BILLED, *UNBILLED, sign=-1),
        "apparent_losses": _sum(*APPARENT),
        "real_losses": SUPPLIED | _sum(*BILLED, *UNBILLED, *APPARENT, sign=-1),
        "unlocated_losses": SUPPLIED | _sum(*BILLED, *UNBILLED, *APPARENT, *REAL, sign=-1),
    }
)
"""Every derived term as a sum of what goes in."""


class BadTerm(ValueError):
    """A term that the balance does not have, lacks, or cannot be negative."""

    def __init__(self, why: str, *, term: str) -> None:
        super().__init__(f"{term}: {why}")
        self.why, self.term = why, term


@dataclass(frozen=True)
class Figure:
    """A term of the balance, one value for each zone (and period); shape (n_zones, ...).

    Attributes
    ----------
    volume_m3, half_width_m3 : ndarray
        The volume and half of the width of its 95 % band. [m³]
    share_frac, share_half_width_frac : ndarray
        As a share of the water supplied; the errors they have in common are counted once. [-]
    dominant : ndarray of int
        Number in `TERMS` of the term that widens the band most; -1 where it has no width.
    dominance_frac : ndarray
        Its share of the variance. [-]
    """

    volume_m3: Floats
    half_width_m3: Floats
    share_frac: Floats
    share_half_width_frac: Floats
    dominant: NDArray[np.int64]
    dominance_frac: Floats

    @property
    def low_m3(self) -> Floats:
        """Lower end of the band; below zero says that the terms contradict each other. [m³]"""
        found: Floats = self.volume_m3 - self.half_width_m3
        return found

    @property
    def high_m3(self) -> Floats:
        """Upper end of the band. [m³]"""
        found: Floats = self.volume_m3 + self.half_width_m3
        return found


@dataclass(frozen=True)
class Balance:
    """All terms by name, `TERMS` first, then `RESULTS`; ``not_given`` were taken as zero."""

    figures: Mapping[str, Figure]
    not_given: tuple[str, ...]

    def __getitem__(self, name: str) -> Figure:
        """Return one term."""
        return self.figures[name]


def balance(
    *, volumes_m3: Mapping[str, ArrayLike], half_widths_m3: Mapping[str, ArrayLike]
) -> Balance:
    """Make the balance of one or many zones.

    Parameters
    ----------
    volumes_m3 : mapping of array_like, each shape (n_zones, ...) or ()
        Volumes by the names of `TERMS`, all of the same period. ``billed_metered`` and one of
        ``own_sources`` and ``imported`` are needed; others not given are zero. NaN is not known
        and makes what follows from it NaN. [m³]
    half_widths_m3 : mapping of array_like
        95 % half-widths by the same names; zero where not given. [m³]

    Returns
    -------
    Balance

    Raises
    ------
    BadTerm
        If a name is unknown or missing, or a volume or half-width below zero.

    Notes
    -----
    Errors of different terms are taken as independent and normal, so that variances add; a term's
    own systematic error must be corrected before. Losses below zero are not cut off: they show
    that the terms contradict each other.
    """
    for name in (*volumes_m3, *half_widths_m3):
        if name not in TERMS:
            raise BadTerm("the balance has no such term", term=name)
    if "billed_metered" not in volumes_m3:
        raise BadTerm("this term is needed", term="billed_metered")
    if "own_sources" not in volumes_m3 and "imported" not in volumes_m3:
        raise BadTerm("this term or water imported is needed", term="own_sources")
    given = [np.asarray(volumes_m3.get(name, 0.0), dtype=float) for name in TERMS]
    widths = [np.asarray(half_widths_m3.get(name, 0.0), dtype=float) for name in TERMS]
    for name, volume, width in zip(TERMS, given, widths, strict=True):
        if np.any(width < 0) or (name != "storage_rise" and np.any(volume < 0)):
            raise BadTerm("a volume and its error cannot be below zero", term=name)
    both = np.stack(np.broadcast_arrays(*given, *widths))
    shape = both.shape[1:] or (1,)
    both = both.reshape(len(both), -1)
    volumes, widths_m3 = both[: len(TERMS)], both[len(TERMS) :]
    supplied = np.array([SUPPLIED.get(name, 0) for name in TERMS], dtype=float)
    sums = {name: {name: 1} for name in TERMS} | {n: dict(c) for n, c in RESULTS.items()}
    figures = {}
    for name, parts in sums.items():
        signs = np.array([parts.get(term, 0) for term in TERMS], dtype=float)
        figures[name] = _figure(signs, supplied, volumes, widths_m3, shape)
    return Balance(figures, tuple(name for name in TERMS if name not in volumes_m3))


def _figure(
    signs: Floats, supplied: Floats, volumes: Floats, widths: Floats, shape: tuple[int, ...]
) -> Figure:
    """Return a signed sum of terms with its band, its share and what dominates it."""
    used = signs != 0
    volume = signs[used] @ volumes[used]
    squares = (signs[:, None] * widths) ** 2
    squares[~used] = 0.0
    variance = squares.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        into = supplied[supplied != 0] @ volumes[supplied != 0]
        share = np.where(into > 0, volume / into, np.nan)
        # The share is a quotient: d(y/s) = (dy - (y/s) ds) / s, to the first order.
        slopes = (signs[:, None] - share * supplied[:, None]) * widths
        slopes[(signs == 0) & (supplied == 0)] = 0.0
        share_width = np.where(into > 0, np.sqrt((slopes**2).sum(axis=0)) / into, np.nan)
        most = np.nan_to_num(squares).argmax(axis=0)
        dominance = np.where(variance > 0, squares.max(axis=0) / variance, np.nan)
    return Figure(
        volume_m3=volume.reshape(shape),
        half_width_m3=np.sqrt(variance).reshape(shape),
        share_frac=share.reshape(shape),
        share_half_width_frac=share_width.reshape(shape),
        dominant=np.where(variance > 0, most, -1).reshape(shape),
        dominance_frac=dominance.reshape(shape),
    )
