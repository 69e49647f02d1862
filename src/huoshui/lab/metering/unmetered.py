"""Water that went through a place while its meter stood still."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

# A mean over less than two weeks says more about one weekend than about a household.
METERED_DAYS_MIN = 14
DAYS_OF_A_YEAR = 365.0


class Basis(StrEnum):
    """What the mean day was taken from."""

    METERED = "metered"
    YEAR = "year"
    NOT_STOPPED = "not_stopped"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Unmetered:
    """The estimate, the mean day behind it, and where that came from; None: not known."""

    volume_m3: float | None
    mean_m3_day: float | None
    basis: Basis


def unmetered_use(
    *,
    stopped_days: int,
    metered_m3: float | None,
    metered_days: int | None,
    year_m3: float | None,
) -> Unmetered:
    """Estimate the use of the days on which a meter did not count.

    ``volume = mean day x stopped days``. The mean day is that of the metered days just before the
    stop, where there are at least ``METERED_DAYS_MIN`` of them, else the mean day of the latest
    known year. Where neither is known the answer is None, and somebody must ask the customer.

    Parameters
    ----------
    stopped_days : int
        Days from the stop (included) until the exchange (excluded), not negative. [d]
    metered_m3 : float or None
        What the meter counted between its last reading and the stop. A value below zero is a
        mistyped reading and is not used. [m³]
    metered_days : int or None
        Days between that reading and the stop. [d]
    year_m3 : float or None
        Use of the latest known year. [m³]

    Returns
    -------
    Unmetered
        Volume [m³], mean day [m³ d⁻¹], basis.

    Raises
    ------
    ValueError
        If ``stopped_days`` is negative.

    Notes
    -----
    It knows nothing of empty flats, guests or a pipe that was frozen too: the volume is a proposal
    for billing, which a person confirms. Departing from utilities that take the mean of the last
    three bills, one metered period is enough here; the register keeps no more than one.
    """
    if stopped_days < 0:
        msg = f"stopped_days must not be negative; it is {stopped_days}"
        raise ValueError(msg)
    if stopped_days == 0:
        return Unmetered(0.0, None, Basis.NOT_STOPPED)
    enough = metered_days is not None and metered_days >= METERED_DAYS_MIN
    if enough and metered_days and metered_m3 is not None and metered_m3 >= 0:
        mean = metered_m3 / metered_days
        return Unmetered(mean * stopped_days, mean, Basis.METERED)
    if year_m3 is not None and year_m3 >= 0:
        mean = year_m3 / DAYS_OF_A_YEAR
        return Unmetered(mean * stopped_days, mean, Basis.YEAR)
    return Unmetered(None, None, Basis.NOTHING)
