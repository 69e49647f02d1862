"""The cast of fieldwork's tests, with a round along its street.

R1 ---- p1, 500 m ---- n1 ---- p2, 400 m ---- n2        straight to the east
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.patrol import actions, ground
from huoshui.areas.fieldwork.phone.tests.conftest import (  # noqa: F401
    NOW,
    browser,
    crew,
    dispatcher,
    home,
    leader,
    now,
    person,
    phone,
    phone_of,
    real_clock,
    street,
)


@pytest.fixture
def places(street) -> Callable[..., list[list[float]]]:  # noqa: F811
    """Return longitude and latitude of places in metres from R1."""
    plane = ground.Plane(113.6, 34.75)

    def at(*xy: tuple[float, float]) -> list[list[float]]:
        return plane.places(np.array(xy, float))

    return at


@pytest.fixture
def track(places) -> Callable[..., list[list[float | None]]]:
    """Walk from one metre of the street to another, a fix every ten metres and ten seconds."""

    def walk(begin: int, end: int, *, beside: float = 0.0, after: float = 0.0):
        easts = range(begin, end + 1, 10)
        spots = places(*[(east, beside) for east in easts])
        return [[lon, lat, after + 10.0 * at, 5.0] for at, (lon, lat) in enumerate(spots)]

    return walk


@pytest.fixture
def round_a(street) -> models.PatrolRound:  # noqa: F811
    """Both pipes, every seven days since 16 February, counted within ten metres."""
    return actions.keep_round(
        "XJ-01",
        values={"name": "Old town", "zone_code": "A", "every_days": 7, "near_m": 10.0,
                "begin_date": date(2026, 2, 16)},
        asset_codes=actions.pipes_chosen(zone_code="A"),
        by_id=None,
        is_new=True,
    )  # fmt: skip
