"""Which pipes are worth walking with a listening rod: by night flow, and by the bursts of the past.

Fieldwork is told every morning; it keeps proposals of rounds until a leader decides.
"""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from huoshui.areas.fieldwork import contracts as fieldwork_contracts
from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.leakage import contracts, queries
from huoshui.areas.network import contracts as network_contracts
from huoshui.areas.network import facade as network
from huoshui.kernel import clock

SOURCE = "leakage"
NIGHTS = 7
BURSTS_SINCE = timedelta(days=3 * 365)
LEAKS = (
    fieldwork_contracts.Found.LEAK_REPAIRED,
    fieldwork_contracts.Found.LEAK_FOUND_NOT_REPAIRED,
)  # fmt: skip

# What a crew listens to in a night; our assumption, from the rounds of the demo.
WALK_M_MAX = 6_000.0
# A leak that the night flow shows is looked for soon, one that may come again each month.
EVERY_DAYS = {"night_flow": 7, "bursts": 30}
# Nights above the band, of the last seven, and leaks in three years, from which on it is worth it.
NIGHTS_ABOVE_MIN, BURSTS_MIN = 3, 3

Pipe = network_contracts.Asset


def worth_walking(*, nights_above: int, excess_m3h: float, bursts: int) -> str | None:
    """Return why a zone is worth a walk, the more pressing reason first, or None."""
    if nights_above >= NIGHTS_ABOVE_MIN and excess_m3h > 0:
        return "night_flow"
    return "bursts" if bursts >= BURSTS_MIN else None


def suspicion(
    *, bursts: int, bursts_near: int, laid_year: int | None, year: int
) -> tuple[int, int]:
    """Return how suspicious a pipe is: its bursts, half those that touch it, then its age."""
    return 2 * bursts + bursts_near, year - laid_year if laid_year else 0


def tell(_due_at: datetime | None = None) -> int:
    """Tell fieldwork what is worth walking now; return how many proposals are new."""
    return fieldwork.walking.propose(SOURCE, areas())


def areas() -> list[fieldwork.walking.WorthWalking]:
    """Return the watched zones that are worth a walk, each with its most suspicious pipes.

    A zone is worth it while its nights are higher than expected, by the median excess of the last
    seven that were judged, or where its pipes burst again and again.
    """
    found, latest = _bursts()
    today = clock.local(clock.now()).date()
    worth = []
    for setup in queries.setups():
        pipes = network.assets(kind="pipe", zone=setup.zone_code)
        bursts = {one.code: found[one.code] for one in pipes if found[one.code]}
        excess_m3h, nights = _excess(setup.zone_code, today)
        reason = worth_walking(
            nights_above=nights, excess_m3h=excess_m3h, bursts=sum(bursts.values())
        )
        if reason is None or not pipes:
            continue
        chosen = suspicious(pipes, bursts, today.year)
        length_km = sum(one.length_m or 0.0 for one in chosen) / 1000
        figures: dict[str, float] = {}
        if reason == "night_flow":
            figures |= {"excess_m3h": round(excess_m3h, 2), "nights_above": float(nights)}
        if bursts:
            figures |= evidence(bursts, max(latest[code] for code in bursts), today)
        zone_km = sum(one.length_m or 0.0 for one in pipes) / 1000
        worth.append(
            fieldwork.walking.WorthWalking(
                origin=f"{SOURCE}:{setup.zone_code}", zone_code=setup.zone_code,
                pipes=tuple(one.code for one in chosen), reason=reason,
                size=round(
                    excess_m3h if reason == "night_flow" else burst_rate(bursts, zone_km), 3
                ),
                every_days=EVERY_DAYS[reason],
                figures={**figures, "length_km": round(length_km, 2)},
            )
        )  # fmt: skip
    return worth


def _excess(zone_code: str, today: date) -> tuple[float, int]:
    """Return the median excess of the last judged nights, and how many of them were above."""
    since = today - timedelta(days=2 * NIGHTS)
    nights = queries.nights(zone_code, since, today + timedelta(days=1))
    judged = [one for one in nights if one.excess_m3h is not None][-NIGHTS:]
    if not judged:
        return 0.0, 0
    above = sum(one.state == contracts.NightState.LEAKING for one in judged)
    return statistics.median(one.excess_m3h or 0.0 for one in judged), above


def evidence(bursts: Mapping[str, int], latest: date, today: date) -> dict[str, float]:
    """Return what bursts say of a zone: how many, at how many pipes, the worst, how long ago."""
    return {
        "bursts": float(sum(bursts.values())),
        "burst_pipes": float(len(bursts)),
        "burst_worst": float(max(bursts.values())),
        "burst_days_ago": float((today - latest).days),
    }


def burst_rate(bursts: Mapping[str, int], length_km: float) -> float:
    """Return leaks in three years a kilometre; under 100 m of pipe it would only be noise."""
    return sum(bursts.values()) / max(length_km, 0.1)


def _bursts() -> tuple[Counter[str], dict[str, date]]:
    """Return how many leaks crews found at each pipe in the last three years, and the latest."""
    count: Counter[str] = Counter()
    latest: dict[str, date] = {}
    for one in fieldwork.closed_jobs(since=clock.now() - BURSTS_SINCE):
        report = one.report
        if report is None or report.found not in LEAKS or not report.found_asset_code:
            continue
        code, day = report.found_asset_code, clock.local(report.reported_at).date()
        count[code] += 1
        latest[code] = max(latest.get(code, day), day)
    return count, latest


def suspicious(pipes: list[Pipe], bursts: dict[str, int], year: int) -> list[Pipe]:
    """Return pipes that hang together, grown from the most suspicious one, for one night's walk.

    The next pipe is always the most suspicious one that touches what is chosen; where nothing
    does, the most suspicious one left. It ends at `WALK_M_MAX`.
    """
    at: dict[str, list[Pipe]] = defaultdict(list)
    for one in pipes:
        for end in filter(None, (one.start, one.end)):
            at[end].append(one)

    def near(one: Pipe) -> int:
        ends = [other for end in (one.start, one.end) if end for other in at[end]]
        return sum(bursts.get(other.code, 0) for other in ends if other.code != one.code)

    rank = {
        one.code: suspicion(
            bursts=bursts.get(one.code, 0), bursts_near=near(one), laid_year=one.laid_year,
            year=year,
        )
        for one in pipes
    }  # fmt: skip
    left = {one.code: one for one in pipes}
    chosen: dict[str, Pipe] = {}
    touching: dict[str, Pipe] = {}
    walked_m = 0.0
    while left and walked_m < WALK_M_MAX:
        of = touching or left
        one = max(of.values(), key=lambda pipe: (rank[pipe.code], pipe.code))
        chosen[one.code] = one
        walked_m += one.length_m or 0.0
        left.pop(one.code)
        touching.pop(one.code, None)
        for end in filter(None, (one.start, one.end)):
            touching |= {other.code: other for other in at[end] if other.code in left}
    by_code = sorted(chosen.values(), key=lambda pipe: pipe.code)
    return sorted(by_code, key=lambda pipe: rank[pipe.code], reverse=True)
