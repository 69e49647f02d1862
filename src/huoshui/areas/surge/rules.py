"""What is true of a wave of trouble because we say so: figures, ranks, triggers. Plain Python."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, timedelta

from huoshui.areas.fieldwork.contracts import Priority
from huoshui.areas.surge.contracts import Kind, Term

VERSION = 3
"""How a report is counted; goes up when the counting of anything in it changes.

3: what came by other ways than calls is counted as well, and its repairs and accounts with it.
2: when a part is used up goes by the use of six hours, as in the outlook of parts; before by three.
"""
FIGURES = (
    "calls", "enquiries", "repairs", "complaints", "other_calls", "wrong_numbers", "unsorted",
    "abandoned", "other_topics", "estates", "folded", "incidents", "repeated_callers",
    "repeated_calls", "otherwise", "by_chat_group", "by_city_line", "by_counter", "by_wechat",
    "by_code", "by_visit", "by_phone_note", "by_unsaid", "otherwise_repairs", "otherwise_unsorted",
    "cases", "cases_open", "cases_done", "cases_cancelled", "jobs", "jobs_given",
    "jobs_waiting", "jobs_done", "cases_without_job", "crews", "crews_out", "crews_free", "people",
    "crews_acknowledged", "meters_exchanged", "faults_repaired", "thawed", "parts_used",
    "parts_left", "stock_warnings", "minutes_to_crew", "minutes_to_site", "minutes_to_repair",
    "risk_listed", "risk_warned",
)  # fmt: skip
# The figure of each way in which a case may come in besides a call.
WAYS: dict[str, str] = {
    "chat_group": "by_chat_group", "city_line": "by_city_line", "counter": "by_counter",
    "wechat": "by_wechat", "code": "by_code", "visit": "by_visit", "phone": "by_phone_note",
    "": "by_unsaid",
}  # fmt: skip
# Figures that are measured and not counted: there is no list behind them.
MEASURED = ("parts_left", "minutes_to_crew", "minutes_to_site", "minutes_to_repair")
# What a place is called damage by, where nobody says otherwise, by the kind of the wave.
DAMAGE_TOPICS: dict[Kind, tuple[str, ...]] = {
    Kind.COLD: ("frozen_meter",),
    Kind.HEAT: ("no_water", "low_pressure"),
    Kind.STORM: ("no_water", "water_quality", "cover_missing"),
    Kind.BURST: ("burst", "no_water", "low_pressure"),
    Kind.OTHER: (),
}
# The points of the ranking. They say what we hold to be fair; the page shows every term.
CARE_POINTS = 30.0
DOUBLING_POINTS, HOUSEHOLD_POINTS_MAX = 5.0, 30.0
HOUR_POINTS, WAITING_POINTS_MAX = 5.0, 40.0
DEGREE_POINTS, TEMPERATURE_POINTS_MAX = 2.0, 20.0
COLD_BELOW_C, HEAT_ABOVE_C = -5.0, 35.0
URGENT_FROM, HIGH_FROM = 60.0, 30.0


def way_of(channel: str) -> str:
    """Return the figure of a way; one that we do not know counts as not said."""
    return WAYS.get(channel, WAYS[""])


def code_stem(day: date) -> str:
    """Return how the codes of the waves of a year begin."""
    return f"YJ-{day.year}-"


def code_of(day: date, count_of_year: int) -> str:
    """Return the code of the next wave of a year, such as ``YJ-2026-03``."""
    return f"{code_stem(day)}{count_of_year + 1:02d}"


def report_number(code: str, count: int) -> str:
    """Return the number of the next report of a wave, such as ``YJ-2026-03-R02``."""
    return f"{code}-R{count + 1:02d}"


def terms(
    *,
    is_care: bool,
    households: int,
    waiting_h: float,
    temperature_c: float | None,
    kind: Kind,
) -> tuple[Term, ...]:
    """Return the terms of a waiting repair's rank.

    Special care 30; households 5 for each doubling, at most 30; waiting 5 an hour, at most 40;
    frost 2 for each degree below −5 °C in a cold wave, heat 2 for each above 35 °C, at most 20.
    """
    far = 0.0
    if temperature_c is not None and kind == Kind.COLD:
        far = max(0.0, COLD_BELOW_C - temperature_c)
    elif temperature_c is not None and kind == Kind.HEAT:
        far = max(0.0, temperature_c - HEAT_ABOVE_C)
    many = min(HOUSEHOLD_POINTS_MAX, DOUBLING_POINTS * math.log2(max(1, households)))
    long = min(WAITING_POINTS_MAX, HOUR_POINTS * max(0.0, waiting_h))
    found = [
        Term("care", 1.0 if is_care else 0.0, CARE_POINTS if is_care else 0.0),
        Term("households", float(max(1, households)), many),
        Term("waiting", max(0.0, waiting_h), long),
    ]
    if temperature_c is not None:
        points = min(TEMPERATURE_POINTS_MAX, DEGREE_POINTS * far)
        found.append(Term("temperature", temperature_c, points))
    return tuple(found)


def priority_of(points: float, priority: str = "low") -> str:
    """Return the priority that so many points propose for a repair that has one already.

    Never a lower one: the points know how long and whom it touches, not that a main has burst.
    """
    proposed = Priority.NORMAL
    if points >= HIGH_FROM:
        proposed = Priority.URGENT if points >= URGENT_FROM else Priority.HIGH
    return str(max(proposed, Priority(priority), key=list(Priority).index))


def nights_beyond(
    kind: Kind, days: Mapping[date, tuple[float, float]], *, limit_c: float, nights: int
) -> list[date]:
    """Return the first days in a row that reach a limit, as many as asked for, or nothing.

    ``days`` has the low and the high of each day. Cold counts the low at or below the limit, heat
    the high at or above it. A day that nobody told of breaks the row.
    """
    row: list[date] = []
    for day in sorted(days):
        low_c, high_c = days[day]
        hit = high_c >= limit_c if kind == Kind.HEAT else low_c <= limit_c
        follows = not row or day - row[-1] == timedelta(days=1)
        row = ([*row, day] if follows else [day]) if hit else []
        if len(row) >= nights:
            return row
    return []


def reorder(*, minimum: int, lying: int, wanted: int) -> int:
    """Return how many of a part to order: up to the season's minimum after all open jobs."""
    return max(0, minimum + wanted - lying)
