"""What a wave leaves behind: whether warning helped, what it cost, what is to be settled."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from huoshui.areas.customers import facade as customers
from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.surge import contracts, models, rules
from huoshui.areas.surge.queries.counting import CaseCount, Gathered
from huoshui.lab.uncertainty import ratios

HOUR = "hour"


def compared(found: Gathered) -> contracts.Compared:
    """Compare the warned with the not warned: among those at risk, and among all of the area.

    Hit is who told of damage (`rules.DAMAGE_TOPICS`), by a call or another way; warned is who was
    told before that, so who was told with the harm done is not. All are the open accounts of the
    area's estates as they stand today; an account without an estate is on neither side of that
    comparison.
    """
    in_time = {code for code in found.told if found.is_in_time(code)}
    hit = set(found.hit)
    at_risk = _comparison(
        warned=set(found.at_risk) & in_time, others=set(found.at_risk) - in_time, hit=hit
    )
    inside = [one for one in customers.estates() if found.is_inside(one.code, one.zone_code)]
    everybody = sum(one.accounts for one in inside)
    kept = {one.code for one in inside}
    counted = {
        one.account_code
        for one in customers.recipients(accounts=sorted(in_time | hit))
        if one.estate_code in kept
    }
    told, hit = in_time & counted, hit & counted
    hit_told = len(told & hit)
    return contracts.Compared(
        at_risk=at_risk,
        everybody=_ratio(
            contracts.Side(len(told), hit_told),
            contracts.Side(everybody - len(told), len(hit) - hit_told),
        ),
    )


def _comparison(*, warned: set[str], others: set[str], hit: set[str]) -> contracts.Comparison:
    return _ratio(
        contracts.Side(len(warned), len(warned & hit)),
        contracts.Side(len(others), len(others & hit)),
    )


def _ratio(warned: contracts.Side, others: contracts.Side) -> contracts.Comparison:
    found = ratios.risk_ratio(
        hit=warned.hit, total=warned.accounts, hit_other=others.hit, total_other=others.accounts
    )
    if found is None:
        return contracts.Comparison(warned, others, None, None, None)
    return contracts.Comparison(warned, others, found.ratio, found.ratio_min, found.ratio_max)


def hours_worked(found: Gathered) -> tuple[float, int, int]:
    """Return the hours of people at the places of jobs, of how many jobs, and how many have none.

    From the arrival until the report, times the people of the crew as it is now.
    """
    people = {one.code: len(one.people) for one in fieldwork.crew_facts()}
    hours, known, unknown = 0.0, 0, 0
    for job in found.jobs:
        if job.done_at is None:
            continue
        if job.arrived_at is None or job.arrived_at > job.done_at:
            unknown += 1
            continue
        known += 1
        span_h = (job.done_at - job.arrived_at).total_seconds() / 3600
        hours += span_h * max(1, people.get(job.crew_code, 1))
    return hours, known, unknown


def parts_of_jobs(found: Gathered) -> Counter[str]:
    """Return how many of each part the jobs of the wave used, whatever the part."""
    numbers = {one.number for one in found.jobs}
    codes = [one.code for one in fieldwork.part_levels()]
    used: Counter[str] = Counter()
    for one in fieldwork.part_uses(codes, found.surge.from_at, found.until):
        if one.job_number in numbers:
            used[one.code] += one.quantity
    return used


def prices() -> dict[str, int]:
    """Return what one of each part costs in cents, and an hour of one person under ``hour``."""
    return dict(models.Price.objects.values_list("code", "price_cents"))


def causes(found: Gathered) -> list[dict[str, Any]]:
    """Return what calls were about and what was found there, most frequent first."""
    counted: Counter[tuple[str, str]] = Counter()
    for case in found.cases:
        result = case.result or (case.job.found if case.job and case.job.found else "")
        counted[case.first.topic_code, result if case.is_done else "open"] += 1
    return [
        {"topic": topic, "result": result, "cases": n}
        for (topic, result), n in counted.most_common()
    ]


def meters_to_settle(found: Gathered) -> list[dict[str, Any]]:
    """Return the exchanged meters whose bill has to be split, and for how long nothing was counted.

    Days and estimate are those of the register where the crew said since when the old meter stood;
    else the days from the first call until the exchange, without an estimate.
    """
    of_job = {case.job.number: case for case in found.cases if case.job is not None}
    rows = []
    for one in found.meters:
        case = of_job[one.job_number]
        said = one.stopped_from_date is not None
        rows.append(
            {
                "job": one.job_number,
                "case": case.number,
                "account": one.account_code or _account(case),
                "estate": one.estate_code or case.estate,
                "old_number": one.old_number,
                "old_reading_m3": one.old_reading_m3,
                "new_number": one.new_number,
                "start_reading_m3": one.start_reading_m3,
                "since": case.first.began_at,
                "at": one.at,
                "days": float(one.stopped_days) if said else _days(case.first.began_at, one.at),
                "estimated_m3": one.estimated_m3 if said else None,
                "problem": one.problem,
            }
        )
    return rows


def _account(case: CaseCount) -> str:
    return next((one.account_code for one in case.calls if one.account_code), "")


def _days(since: datetime, until: datetime) -> float:
    return max(0.0, (until - since).total_seconds() / 86400)


def to_reorder(found: Gathered) -> list[dict[str, Any]]:
    """Return how many of each watched part to order: up to the minimum after all open jobs."""
    rows = []
    for one in fieldwork.part_levels(found.surge.parts):
        rows.append(
            {
                "part": one.code,
                "name_zh": one.name_zh,
                "name_en": one.name_en,
                "unit": one.unit,
                "lying": one.lying,
                "wanted": one.wanted,
                "minimum": one.minimum,
                "order": rules.reorder(minimum=one.minimum, lying=one.lying, wanted=one.wanted),
            }
        )
    return rows
