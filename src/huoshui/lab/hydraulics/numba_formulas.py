"""The formulas of links for numba: powers, pipes and pumps, as in `steady.c`.

Imported only by `numba_kernel`. Vectors hold one quantity in eight scenarios (`numba_vectors`).
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np

from huoshui.lab.hydraulics import lanes
from huoshui.lab.hydraulics.frozen import Kind
from huoshui.lab.hydraulics.numba_vectors import (
    WIDTH,
    as_bits,
    as_doubles,
    pick,
    spread,
    store,
    to_doubles,
    truths_as_bits,
)

FLAT = lanes.FLAT
STEEP = lanes.STEEP
PUMP_CURVE, PUMP_HP = int(Kind.PUMP_CURVE), int(Kind.PUMP_POWER_KW)

LN2 = 0.6931471805599453
MAGIC = 6755399441055744.0
"""1.5 times 2 to the power of 52: adding it rounds to an integer."""
MAGIC_BITS = 0x4338000000000000
FRACTION = 0x000FFFFFFFFFFFFF
ROOT_OF_TWO = 0x6A09E667F3BCD
ONE = 0x3FF0000000000000


def jit(*, entry: bool = False) -> Any:
    """Compile when called. A division by zero is no error, and other threads may go on.

    Entries are kept on disk where `kernels` has named a folder; numba would take the source tree.
    """
    is_kept = entry and bool(numba.config.CACHE_DIR)
    return numba.njit(error_model="numpy", nogil=True, cache=is_kept)


@jit()
def vlog2(x):
    """Return the logarithm to base 2 of positive finite numbers."""
    bits = as_bits(x)
    up = (bits & FRACTION) > ROOT_OF_TWO
    power = (bits >> 52) - 1023 + truths_as_bits(up)
    m = as_doubles((bits & FRACTION) | ONE)
    m = pick(up, m * 0.5, m)
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    t = spread(2.0 / 19.0)
    t = t * z + 2.0 / 17.0
    t = t * z + 2.0 / 15.0
    t = t * z + 2.0 / 13.0
    t = t * z + 2.0 / 11.0
    t = t * z + 2.0 / 9.0
    t = t * z + 2.0 / 7.0
    t = t * z + 2.0 / 5.0
    t = t * z + 2.0 / 3.0
    t = t * z + 2.0
    return to_doubles(power) + s * t * 1.4426950408889634


@jit()
def vexp2(x):
    """Return 2 to the power of numbers between -1000 and 1000."""
    shifted = x + MAGIC
    whole = shifted - MAGIC
    n = as_bits(shifted) - MAGIC_BITS
    f = (x - whole) * LN2
    t = spread(1.0 / 479001600.0)
    t = t * f + 1.0 / 39916800.0
    t = t * f + 1.0 / 3628800.0
    t = t * f + 1.0 / 362880.0
    t = t * f + 1.0 / 40320.0
    t = t * f + 1.0 / 5040.0
    t = t * f + 1.0 / 720.0
    t = t * f + 1.0 / 120.0
    t = t * f + 1.0 / 24.0
    t = t * f + 1.0 / 6.0
    t = t * f + 0.5
    t = t * f + 1.0
    t = t * f + 1.0
    return as_doubles(as_bits(t) + (n << 52))


@jit()
def vpow(x, exponent):
    return vexp2(vlog2(pick(x > 1e-200, x, spread(1e-200))) * exponent)


@jit()
def darcy(q, r, m, e, s):
    """Return loss and gradient of a Darcy-Weisbach pipe at flows without sign."""
    w = q / s
    w = pick(w > 1.0, w, spread(1.0))
    y1 = vpow(w, -0.9) * 4.61841319859066668690
    y2 = y1 + e / 3.7
    y3 = vlog2(y2) * (-0.86858896380650365530 * LN2)
    f = 1.0 / (y3 * y3)
    small = pick(q > 1e-30, q, spread(1e-30))
    df = f * y1 * (1.8 * -0.86858896380650365530) / y2 / y3 / small
    z2 = e / 3.7 + 3.28895476345399058690e-3
    z3 = -0.86858896380650365530 * math.log(z2)
    fa = 1.0 / (z3 * z3)
    fb = (2.0 - 5.14214965799093883760e-3 / (z2 * z3)) * fa
    x = w / 1570.79632679489661923
    x1 = 7.0 * fa - fb
    x2 = 0.128 - 17.0 * fa + 2.5 * fb
    x3 = -0.128 + 13.0 * fa - 2.0 * fb
    x4 = 0.032 - 3.0 * fa + 0.5 * fb
    ft = x * (x * (x * x4 + x3) + x2) + x1
    dft = (x * (x * (3.0 * x4) + 2.0 * x3) + x2) / s / 1570.79632679489661923
    is_rough = w >= 3141.59265358979323846
    f = pick(is_rough, f, ft)
    df = pick(is_rough, df, dft)
    r1 = f * r + m
    smooth = q <= 1570.79632679489661923 * s
    viscous = 50.26548245743669 * s * r
    loss = pick(smooth, q * (q * m + viscous), r1 * q * q)
    slope = pick(smooth, q * (2.0 * m) + viscous, r1 * q * 2.0 + df * r * q * q)
    return loss, slope


@jit()
def curve(n, s, at):
    """Return slope and value at zero of the piece of a curve that holds a point."""
    begin = n.curve_at[s]
    i = begin + 1
    while i < begin + n.curve_size[s] - 1 and at > n.curve_x[i]:
        i += 1
    slope = (n.curve_y[i] - n.curve_y[i - 1]) / (n.curve_x[i] - n.curve_x[i - 1])
    return slope, n.curve_y[i] - slope * n.curve_x[i]


@jit()
def pipe_one(n, k, a):
    """Return loss and gradient of one pipe that may close, at a flow without sign."""
    if n.is_darcy:
        loss, slope = darcy(spread(a), n.resist[k], n.minor[k], n.rough[k], n.slow[k])
        kept = np.empty((2, WIDTH))
        store(kept, 0, loss)
        store(kept, 1, slope)
        return kept[0, 0], kept[1, 0]
    slope = n.exponent * n.resist[k] * a ** (n.exponent - 1.0)
    if slope < FLAT:
        slope = FLAT / n.exponent
        loss = slope * a
    else:
        loss = slope * a / n.exponent
    return loss + n.minor[k] * a * a, slope + 2.0 * n.minor[k] * a


@jit()
def pump(n, s, q, speed):
    """Return loss and gradient of one running pump."""
    a = abs(q)
    if n.kind[s] == PUMP_HP:
        r = n.pump_r[s] * speed**3
        slope = r / (a * a)
        if not slope < STEEP:
            return -STEEP * a, STEEP
        if slope < FLAT:
            return -FLAT * a, FLAT
        return -r / a, slope
    h0, r, e = -n.shut_head[s], n.pump_r[s], n.pump_n[s]
    if n.kind[s] == PUMP_CURVE:
        slope, at_zero = curve(n, s, a / speed)
        h0, r, e = -at_zero, -slope, 1.0
    h0 *= speed * speed
    r *= speed ** (2.0 - e)
    if e == 1.0:
        slope = max(r, FLAT)
        return h0 + slope * q, slope
    slope = e * r * a ** (e - 1.0)
    if slope < FLAT:
        return h0 + FLAT * q, FLAT
    return h0 + slope * q / e, slope
