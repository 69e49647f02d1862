"""The risk of one group over that of another, with its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist


class OutsideValidRange(ValueError):
    """More were hit than there are, or a count is below zero."""


@dataclass(frozen=True, slots=True)
class RiskRatio:
    """The ratio of two risks, and the interval that holds the true one at the given level."""

    ratio: float
    ratio_min: float
    ratio_max: float


def risk_ratio(
    *, hit: int, total: int, hit_other: int, total_other: int, level_frac: float = 0.95
) -> RiskRatio | None:
    """Return the risk of a group over that of another with its log interval.

    Parameters
    ----------
    hit, total : int
        How many of the group were hit, of how many. [-]
    hit_other, total_other : int
        The same of the group it is compared with. [-]
    level_frac : float
        How often the interval is to hold the true ratio. [-]

    Returns
    -------
    RiskRatio or None
        None where a group is empty or nobody of it was hit: the logarithm has no value there.

    Raises
    ------
    OutsideValidRange
        If a count is negative, or more were hit than there are.

    Notes
    -----
    The logarithm of the ratio is taken as normal with the variance
    1/hit − 1/total + 1/hit_other − 1/total_other. With fewer than about five hit on a side the
    interval is too narrow; it says nothing of why the groups differ.

    References
    ----------
    .. [1] D. Katz, J. Baptista, S. P. Azen, M. C. Pike, "Obtaining confidence intervals for the
       risk ratio in cohort studies", Biometrics 34 (1978), 469-474, method C.
    .. [2] A. Agresti, "An Introduction to Categorical Data Analysis", 2nd ed., Wiley 2007,
       section 2.2, relative risk.
    """
    for count, whole in ((hit, total), (hit_other, total_other)):
        if count < 0 or whole < count:
            msg = f"{count} hit of {whole} cannot be"
            raise OutsideValidRange(msg)
    if not (hit and hit_other):
        return None
    ratio = (hit / total) / (hit_other / total_other)
    spread = math.sqrt(1 / hit - 1 / total + 1 / hit_other - 1 / total_other)
    reach = NormalDist().inv_cdf((1 + level_frac) / 2) * spread
    return RiskRatio(ratio, ratio * math.exp(-reach), ratio * math.exp(reach))
