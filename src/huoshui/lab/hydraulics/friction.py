"""Head loss by friction in single pipes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

# The source gives 4.727 for feet and ft³/s. With metres and m³/s the same law needs
# 4.727 x 0.3048^4.871 x 35.3147^1.852 = 10.667.
RESISTANCE_SI = 10.667
FLOW_EXPONENT = 1.852
DIAMETER_EXPONENT = 4.871


class OutsideValidRange(ValueError):
    """A formula was asked about a pipe it does not describe."""


def headloss_hazen_williams(
    *,
    flow_m3s: ArrayLike,
    diameter_m: ArrayLike,
    length_m: ArrayLike,
    roughness_c: ArrayLike,
) -> NDArray[np.float64]:
    """Return the friction head loss of pipes, with the sign of the flow.

    Parameters
    ----------
    flow_m3s : array_like, shape (..., n_pipes)
        Flow, positive from start to end. NaN stays NaN. [m³ s⁻¹]
    diameter_m : array_like, shape (n_pipes,)
        Inner diameter, greater than zero. [m]
    length_m : array_like, shape (n_pipes,)
        Length, not less than zero. [m]
    roughness_c : array_like, shape (n_pipes,)
        Hazen-Williams coefficient, greater than zero. [-]

    Returns
    -------
    ndarray, shape (..., n_pipes)
        Head at the start less head at the end. [m]

    Raises
    ------
    OutsideValidRange
        If a diameter or coefficient is not greater than zero, or a length is below it.

    Notes
    -----
    Fitted to turbulent flow of cold water. Not for other liquids, nor for the near-standstill
    of a dead end.

    References
    ----------
    .. [1] L. Rossman et al., "EPANET 2.2 User Manual", U.S. EPA, EPA/600/R-20/133, 2020,
       ch. 3, pipe headloss formulas.
    """
    flow = np.asarray(flow_m3s, dtype=float)
    diameter = np.asarray(diameter_m, dtype=float)
    length = np.asarray(length_m, dtype=float)
    roughness = np.asarray(roughness_c, dtype=float)
    for name, values, valid in (
        ("diameter_m", diameter, diameter > 0),
        ("roughness_c", roughness, roughness > 0),
        ("length_m", length, length >= 0),
    ):
        if not np.all(valid):
            bound = "not be below zero" if name == "length_m" else "be greater than zero"
            msg = f"{name} must {bound}; the smallest given is {np.min(values)}"
            raise OutsideValidRange(msg)
    resistance = RESISTANCE_SI * length / roughness**FLOW_EXPONENT / diameter**DIAMETER_EXPONENT
    loss: NDArray[np.float64] = np.sign(flow) * resistance * np.abs(flow) ** FLOW_EXPONENT
    return loss
