"""When rounds are due, what counts as walked, and how often a site is looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from huoshui.areas.fieldwork import rules as fieldwork_rules
from huoshui.areas.fieldwork.patrol.kinds import FindingKind, Machine, Risk, Standing
from huoshui.lab.patrol.tracks import Limits

# Walking or riding slowly through a street; beyond it nobody knows what was seen between two fixes.
LIMITS = Limits(accuracy_m=40.0, jump_m=120.0, jump_s=90.0, speed_ms=12.0)
NEAR_M = 25.0
# No receiver in a street is exact to less.
SHORTEST_GAP_M = 3.0
WALKED_FRAC = 0.9

HAZARD_WITHIN_M = 50.0
HAZARD_TIMES = 3
HAZARD_DAYS = 365

TRACK_FIXES_MAX = 60_000
ROUND_PIPES_MAX = 3_000
PIECES_MAX = 200

SITE_NEAR_M = 50.0
VISIT_EVERY_DAYS = {Risk.CRITICAL: 1, Risk.HIGH: 2, Risk.MEDIUM: 7, Risk.LOW: 14}

# What cannot wait until somebody in the office has read it.
PRESSING = (FindingKind.LEAK, FindingKind.DIGGING, FindingKind.SUBSIDENCE)

_MACHINE = {
    Machine.HAND: 0, Machine.EXCAVATOR: 1, Machine.PILE: 2, Machine.DIRECTIONAL_DRILL: 3,
}  # fmt: skip
# Points from so much on: bore of the greatest pipe near by, depth of the digging, nearness.
_BORE_MM = ((600.0, 2), (300.0, 1))
_DEPTH_M = ((3.0, 2), (1.0, 1))
_NEAR_M = ((5.0, 2), (15.0, 1))
_RISK = ((6, Risk.CRITICAL), (4, Risk.HIGH), (2, Risk.MEDIUM))

Stretch = Sequence[float]


@dataclass(frozen=True, slots=True)
class Period:
    """One time a round is due; ``until`` is not included."""

    begin: date
    until: date

    @property
    def latest(self) -> date:
        """Its last day, which people are told."""
        return self.until - timedelta(days=1)


def periods(
    *, begin: date, every_days: int, from_month: int, until_month: int, today: date
) -> Iterator[Period]:
    """Yield the periods of a round from its first one to that of today.

    A period belongs to the season where its first day lies in it.
    """
    at = begin
    while at <= today:
        then = at + timedelta(days=every_days)
        if fieldwork_rules.in_season(at.month, from_month, until_month):
            yield Period(at, then)
        at = then


def standing(share_frac: float | None, *, period: Period, today: date) -> Standing:
    """Say how a period stands by the share of the pipes that was walked; None: nobody walked."""
    if share_frac is not None and share_frac >= WALKED_FRAC:
        return Standing.WALKED
    if today < period.until:
        return Standing.DUE
    return Standing.MISSED if not share_frac else Standing.PARTLY


def risk(
    *, machine: Machine, depth_m: float | None, pipes: Iterable[tuple[float, float | None]]
) -> Risk:
    """Return how dangerous a site is; ``pipes`` are distance in metres and bore in millimetres.

    Without a pipe near by it is low. What is not known of depth or bore counts as the middle.
    """
    near = list(pipes)
    if not near:
        return Risk.LOW
    bore = max((one if one is not None else 300.0) for _away, one in near)
    away = min(one for one, _bore in near)
    points = _MACHINE[machine]
    points += next((more for least, more in _BORE_MM if bore >= least), 0)
    depth = 1.0 if depth_m is None else depth_m
    points += next((more for least, more in _DEPTH_M if depth >= least), 0)
    points += next((more for most, more in _NEAR_M if away <= most), 0)
    return next((level for least, level in _RISK if points >= least), Risk.LOW)


def site_stem(year: int) -> str:
    """Return how the numbers of the sites of a year begin."""
    return f"SG-{year}-"


def site_number(year: int, count: int) -> str:
    """Return the number of the next site of a year, such as ``SG-2026-007``."""
    return f"{site_stem(year)}{count + 1:03d}"
