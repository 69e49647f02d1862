"""Waiting repairs by need: special care, households, waiting, temperature; every term shown."""

from __future__ import annotations

from datetime import datetime

from huoshui.areas.customers import facade as customers
from huoshui.areas.surge import contracts, rules
from huoshui.areas.surge.queries import figures, weather
from huoshui.areas.surge.queries.counting import Gathered


def ranked(found: Gathered) -> list[contracts.Ranked]:
    """Return the repairs whose work has not begun, the one that presses most first."""
    waiting = [one for one in figures.waiting(found) if not (one.job and one.job.arrived_at)]
    accounts = {call.account_code for one in waiting for call in one.calls if call.account_code}
    care = set(customers.special_care(accounts)) if accounts else set()
    temperature_c = weather.temperature_at(found.surge, found.until)
    rows = []
    for case in waiting:
        terms = rules.terms(
            is_care=any(call.account_code in care for call in case.calls),
            households=found.households(case),
            waiting_h=_hours(case.first.began_at, found.until),
            temperature_c=temperature_c,
            kind=found.kind,
        )
        points = sum(one.points for one in terms)
        priority = case.job.priority if case.job else case.priority
        rows.append(
            contracts.Ranked(
                case_number=case.number,
                job_number=case.job.number
                if case.job and case.why_waiting != "job_cancelled"
                else "",
                title=case.title,
                estate_code=case.estate,
                waiting_since_at=case.first.began_at,
                crew_code=case.job.crew_code if case.job else "",
                priority=priority,
                proposed=rules.priority_of(points, priority),
                points=points,
                terms=terms,
            )
        )
    return sorted(rows, key=lambda one: (-one.points, one.waiting_since_at, one.case_number))


def _hours(since: datetime, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds() / 3600)
