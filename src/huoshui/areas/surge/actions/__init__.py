"""What is done about waves of trouble."""

from huoshui.areas.surge.actions.listing import gather_risks, keep_risk_list, mark_warned, take_off
from huoshui.areas.surge.actions.reporting import make_report
from huoshui.areas.surge.actions.waves import acknowledge, declare, end

__all__ = [
    "acknowledge",
    "declare",
    "end",
    "gather_risks",
    "keep_risk_list",
    "make_report",
    "mark_warned",
    "take_off",
]
