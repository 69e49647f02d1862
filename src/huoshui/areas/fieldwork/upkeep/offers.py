"""What fieldwork's door offers of maintenance, breakdowns and retrofits: `facade.offers`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.upkeep import asking, queries, repairs
from huoshui.areas.fieldwork.upkeep.condition import actions as condition_actions
from huoshui.areas.fieldwork.upkeep.condition import looking
from huoshui.kernel import clock


def maintenance_codes() -> list[str]:
    """Return the numbers of the maintenance plans there are, retired ones too."""
    return queries.codes()


def look_after_maintenance() -> int:
    """Ask for what has fallen due and write down what has ended; return how many were asked for.

    The background does the same every fifteen minutes.
    """
    return asking.look(clock.now())


def watch_wear(code: str, values: Mapping[str, Any], *, by_id: int | None) -> None:
    """Watch a sign of wear; ``job_type`` and ``crew`` are their codes.

    Refuses with ``fieldwork.indicator_not_usable``.
    """
    said = {
        **values,
        "job_type": models.JobType.objects.get(code=values["job_type"]),
        "crew": models.Crew.objects.filter(code=values.get("crew", "")).first(),
    }
    condition_actions.keep_indicator(code, said, by_id=by_id)


def look_for_wear() -> int:
    """Follow every sign of wear; return how many suggestions were made.

    The background does the same every six hours.
    """
    return looking.look(clock.now())


def pair_breakdown(job_number: str, *, by_id: int | None) -> str:
    """Open a breakdown with a job as its stop-gap, ask for the permanent repair; return the case.

    Refuses with ``fieldwork.paired_already``.
    """
    return repairs.pair_of_job(job_number, by_id=by_id).case_number


def measure_breakdown(
    case_number: str, what: str, *, by_id: int | None, **well: float | None
) -> float | None:
    """Write down a measure with what is known of the well; return the minutes until it runs over.

    ``well`` may hold ``level_m``, ``inflow_m3h``, ``outflow_m3h``, ``room_m3``, ``area_m2`` and
    ``edge_level_m``. None where the water does not rise, or too little is known.
    """
    known = repairs.Well(**well)  # type: ignore[arg-type]
    return repairs.measure(case_number, what, known, by_id=by_id).minutes_left


def add_repair_line(
    case_number: str, kind: str, text: str, *, by_id: int | None,
    type_code: str = "fieldwork.breakdown", **said: Any,
) -> None:  # fmt: skip
    """Add a line to a breakdown or retrofit: hours, parts, a purchase, a quote, an observation."""
    repairs.add_line(case_number, type_code, repairs.Line(kind), text, by_id=by_id, **said)
