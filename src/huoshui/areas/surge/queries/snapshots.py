"""The rows behind figures: what each counted thing was, at the moment it was counted."""

from __future__ import annotations

from typing import Any

from huoshui.areas.customers import facade as customers
from huoshui.areas.hotline import facade as hotline
from huoshui.areas.surge.queries import figures
from huoshui.areas.surge.queries.counting import CaseCount, Gathered


def rows(found: Gathered) -> dict[str, dict[str, Any]]:
    """Return everything that figures count, by key: no names and no numbers of people."""
    kept: dict[str, dict[str, Any]] = {}
    for call in found.calls:
        kept[f"call:{call.id}"] = {
            "at": call.began_at.isoformat(),
            "about": call.topic_code,
            "estate": call.estate_code,
            "state": "",
            "case": call.case_number,
        }
    for word in found.told_otherwise:
        kept[figures.intake_key(word)] = {
            "at": word.began_at.isoformat(),
            "about": word.topic_code,
            "estate": word.estate_code,
            "state": "",
            "case": word.case_number,
            "way": word.channel,
        }
    for case in found.cases:
        kept[f"case:{case.number}"] = {
            "at": case.first.began_at.isoformat(),
            "about": case.first.topic_code,
            "estate": case.estate,
            "state": "done" if case.is_done else "cancelled" if case.is_cancelled else "open",
            "calls": len(case.calls),
            "crew": case.job.crew_code if case.job else "",
            "why": case.why_waiting,
            **_nearest(case),
        }
        if case.job is not None:
            kept[f"job:{case.job.number}"] = {
                "at": case.job.requested_at.isoformat(),
                "about": case.first.topic_code,
                "estate": case.estate,
                "state": case.job.state.value,
                "case": case.number,
                "crew": case.job.crew_code,
                "why": case.why_waiting,
                **_nearest(case),
            }
    for one in found.stock_warnings:
        kept[figures.warning_key(one)] = {"at": one.began_at.isoformat(), "name": one.part_code}
    for crew in found.crews:
        kept[f"crew:{crew.code}"] = {"name": crew.name, "people": len(crew.people)}
    return kept


def _nearest(case: CaseCount) -> dict[str, Any]:
    """Return which crew came nearest to taking a waiting job, and what spoke against it."""
    waits = case.job.waits if case.job is not None and case.why_waiting else None
    if waits is None:
        return {}
    return {
        "nearest": waits.crew_name,
        "faults": list(waits.faults),
        "lacking": list(waits.lacking),
        "looked_at": waits.looked_at.isoformat(),
    }


def topic_names() -> dict[str, str]:
    """Return what each topic of calls is called, in the reader's language."""
    return dict(hotline.topics())


def estate_names() -> dict[str, str]:
    """Return what each estate is called."""
    return customers.estate_names()
