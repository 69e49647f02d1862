"""What people ask about waves of trouble."""

from huoshui.areas.surge.queries.waves import (
    contract,
    crew_calls,
    forecasts,
    plans,
    proposals,
    report,
    reports,
    risk_lists,
    standing,
    surge,
    surges,
    told_lately_since,
)

__all__ = [
    "contract",
    "crew_calls",
    "forecasts",
    "plans",
    "proposals",
    "report",
    "reports",
    "risk_lists",
    "standing",
    "surge",
    "surges",
    "told_lately_since",
]
