"""The figures of a wave, each with what it counts; the same for wall, report and snapshot."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from huoshui.areas.fieldwork import contracts as field_contracts
from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.hotline.contracts import CallFact, CallState, IntakeFact
from huoshui.areas.surge import rules
from huoshui.areas.surge.queries.counting import CaseCount, Gathered, Word

Found = field_contracts.Found
DONE = (field_contracts.JobState.DONE, field_contracts.JobState.CLOSED)
JobState = field_contracts.JobState


@dataclass
class Figures:
    """Values by the code of the figure, with the keys of what was counted."""

    values: dict[str, float | None] = field(default_factory=dict)
    keys: dict[str, list[str]] = field(default_factory=dict)

    def count(self, code: str, keys: Any) -> None:
        """Keep what a figure counts; its value is how many there are."""
        self.keys[code] = list(keys)
        self.values[code] = len(self.keys[code])


def figures(found: Gathered) -> Figures:
    """Return every figure of `rules.FIGURES`."""
    made = Figures()
    _calls(found, made)
    _otherwise(found, made)
    _cases(found, made)
    _crews(found, made)
    _work(found, made)
    _times(found, made)
    made.count("risk_listed", (f"account:{code}" for code in found.at_risk))
    made.count("risk_warned", (f"account:{code}" for code, at in found.at_risk.items() if at))
    made.values = {code: made.values[code] for code in rules.FIGURES}
    return made


def call_key(call: CallFact) -> str:
    """Return how a call is named in the lists behind figures."""
    return f"call:{call.id}"


def warning_key(one: field_contracts.StockWarning) -> str:
    """Return how a warning of the stock is named in the lists behind figures."""
    return f"warning:{one.part_code}@{one.began_at.isoformat()}"


def _calls(found: Gathered, made: Figures) -> None:
    made.count("calls", map(call_key, found.calls))
    sorts: dict[str, list[str]] = {
        code: []
        for code in ("enquiries", "repairs", "complaints", "other_calls", "wrong_numbers",
                     "unsorted", "abandoned", "other_topics")
    }  # fmt: skip
    for call in found.calls:
        sorts[_sort_of(found, call)].append(call_key(call))
    for code, keys in sorts.items():
        made.count(code, keys)
    made.count("estates", (f"estate:{one}" for one in _estates(found.repair_words)))
    folded = [one for one in found.repairs if one.incident_id is not None and not one.leads]
    made.count("folded", map(call_key, folded))
    incidents = {one.incident_id for one in found.repairs if one.incident_id is not None}
    made.count("incidents", (f"incident:{one}" for one in sorted(incidents)))
    of_caller: Counter[int] = Counter(one.caller for one in found.calls if one.caller)
    first: dict[int, int] = {}
    again = []
    for call in found.calls:
        if call.caller and first.setdefault(call.caller, call.id) != call.id:
            again.append(call_key(call))
    made.count("repeated_calls", again)
    twice = {caller for caller, n in of_caller.items() if n > 1}
    made.count("repeated_callers", (f"call:{first[caller]}" for caller in sorted(twice)))


def intake_key(one: IntakeFact) -> str:
    """Return how what came by another way is named in the lists behind figures."""
    return f"intake:{one.number}"


def _otherwise(found: Gathered, made: Figures) -> None:
    """Count what came by other ways than calls: by way, so that the ways add up to all."""
    made.count("otherwise", map(intake_key, found.otherwise))
    ways: dict[str, list[str]] = {code: [] for code in rules.WAYS.values()}
    for one in found.otherwise:
        ways[rules.way_of(one.channel)].append(intake_key(one))
    for code, keys in ways.items():
        made.count(code, keys)
    broken = [one for one in found.otherwise if one.kind == "repair"]
    made.count("otherwise_repairs", map(intake_key, broken))
    # With topics chosen, what names none is not of the wave; somebody should look at it.
    unsorted = [one for one in found.told_otherwise if not found.counts(one)]
    made.count("otherwise_unsorted", (intake_key(one) for one in unsorted if not one.topic_code))


def _sort_of(found: Gathered, call: CallFact) -> str:
    """Return the one figure that a call belongs to, so that these figures add up to all calls."""
    if not call.is_noted:
        gave_up = call.state == CallState.ABANDONED and not call.is_answered
        return "abandoned" if gave_up else "unsorted"
    if call.kind == "wrong_number":
        return "wrong_numbers"
    if not found.counts(call):
        return "other_topics"
    kinds = {"enquiry": "enquiries", "repair": "repairs", "complaint": "complaints"}
    return kinds.get(call.kind, "other_calls")


def _estates(calls: list[Word]) -> list[str]:
    return list(dict.fromkeys(one.estate_code for one in calls if one.estate_code))


def _cases(found: Gathered, made: Figures) -> None:
    def count(code: str, rows: list[CaseCount]) -> None:
        made.count(code, (f"case:{one.number}" for one in rows))

    count("cases", found.cases)
    count("cases_open", [one for one in found.cases if one.is_open])
    count("cases_done", [one for one in found.cases if one.is_done])
    count("cases_cancelled", [one for one in found.cases if one.is_cancelled])
    jobless = ("not_sent", "job_cancelled")
    count("cases_without_job", [one for one in found.cases if one.why_waiting in jobless])
    states = {
        "jobs": tuple(JobState),
        "jobs_given": (JobState.ASSIGNED, *DONE),
        "jobs_waiting": (JobState.REQUESTED,),
        "jobs_done": DONE,
    }
    for code, wanted in states.items():
        made.count(code, (f"job:{one.number}" for one in found.jobs if one.state in wanted))


def _crews(found: Gathered, made: Figures) -> None:
    made.count("crews", (f"crew:{one.code}" for one in found.crews))
    made.count("crews_out", (f"crew:{one}" for one in sorted(found.crews_out)))
    free = (one.code for one in found.crews if one.code not in found.crews_out)
    made.count("crews_free", (f"crew:{one}" for one in free))
    made.keys["people"] = made.keys["crews"]
    made.values["people"] = sum(len(one.people) for one in found.crews)
    calls = found.surge.crew_calls.filter(answered_at__lt=found.until)
    answered = calls.order_by("crew_code").values_list("crew_code", flat=True)
    made.count("crews_acknowledged", (f"crew:{one}" for one in answered))


def _work(found: Gathered, made: Figures) -> None:
    with_meter = {one.job_number for one in found.meters}

    def done(case: CaseCount, result: str, *found_: str) -> bool:
        said = case.job.found if case.job is not None else ""
        return case.is_done and (case.result == result or said in found_)

    exchanged = [
        one
        for one in found.cases
        if (one.job is not None and one.job.number in with_meter)
        or done(one, "meter_exchanged", Found.METER_EXCHANGED)
    ]
    made.count("meters_exchanged", (f"case:{one.number}" for one in exchanged))
    with_exchange = {one.number for one in exchanged}
    faults = [
        one
        for one in found.cases
        if one.number not in with_exchange
        and done(one, "repaired", Found.LEAK_REPAIRED, Found.REPAIRED)
    ]
    made.count("faults_repaired", (f"case:{one.number}" for one in faults))
    thawed = [one for one in found.cases if done(one, "thawed", Found.THAWED)]
    made.count("thawed", (f"case:{one.number}" for one in thawed))
    warned = (warning_key(one) for one in found.stock_warnings)
    made.count("stock_warnings", warned)
    jobs = dict.fromkeys(one.job_number for one in found.uses if one.job_number)
    made.keys["parts_used"] = [f"job:{one}" for one in jobs]
    made.values["parts_used"] = sum(one.quantity for one in found.uses)
    made.values["parts_left"] = sum(found.lying.values())


def _times(found: Gathered, made: Figures) -> None:
    to_crew: list[float] = []
    to_site: list[float] = []
    to_end: list[float] = []
    for case in found.cases:
        called = case.first.began_at
        if case.job is not None and case.job.given_at is not None:
            to_crew.append(_minutes(called, case.job.given_at))
        if case.job is not None and case.job.arrived_at is not None:
            to_site.append(_minutes(called, case.job.arrived_at))
        if case.finished_at is not None:
            to_end.append(_minutes(called, case.finished_at))
    made.values["minutes_to_crew"] = _median(to_crew)
    made.values["minutes_to_site"] = _median(to_site)
    made.values["minutes_to_repair"] = _median(to_end)


def _median(values: list[float]) -> float | None:
    return statistics.median(values) if values else None


def _minutes(first: datetime, then: datetime) -> float:
    return max(0.0, (then - first).total_seconds() / 60)


def by_estate(found: Gathered) -> list[dict[str, Any]]:
    """Return for each estate who told of repairs, its cases and the longest wait.

    Most first; ``calls`` are those by telephone, ``otherwise`` what came by other ways.
    """
    rows: dict[str, dict[str, Any]] = {}
    for word in found.repair_words:
        row = rows.setdefault(
            word.estate_code,
            {"estate": word.estate_code, "calls": 0, "otherwise": 0, "open": 0, "done": 0,
             "since": None},
        )  # fmt: skip
        row["calls" if isinstance(word, CallFact) else "otherwise"] += 1
    for case in found.cases:
        row = rows[case.estate]
        row["open"] += case.is_open
        row["done"] += case.is_done
        if case.is_open and (row["since"] is None or case.first.began_at < row["since"]):
            row["since"] = case.first.began_at
    return sorted(rows.values(), key=lambda one: (-one["calls"] - one["otherwise"], one["estate"]))


def by_part(found: Gathered) -> list[dict[str, Any]]:
    """Return for each watched part what was used, what is left, and when that is used up."""
    rows = []
    ends = fieldwork.part_ends(found.surge.parts, found.until)
    for code, end in ends.items():
        rows.append(
            {
                "part": code,
                "used": sum(one.quantity for one in found.uses if one.code == code),
                "left": end.lying,
                "per_hour": end.per_hour,
                "hours_left": end.hours_left,
                "out_at": end.at,
                "over_h": end.over_h,
            }
        )
    return rows


def waiting(found: Gathered) -> list[CaseCount]:
    """Return the cases that still wait, the longest waiting first."""
    return sorted((one for one in found.cases if one.is_open), key=lambda one: one.first.began_at)
