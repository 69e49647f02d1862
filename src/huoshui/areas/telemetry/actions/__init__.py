"""Everything that may be done to points, alarms and their rules."""

from huoshui.areas.telemetry.actions.attending import (
    acknowledge_alarm,
    acknowledge_many,
    comment,
    reset_alarm,
    return_to_service,
    shelve,
    take_out_of_service,
    unshelve,
)
from huoshui.areas.telemetry.actions.changing import change_points
from huoshui.areas.telemetry.actions.points import declare_points, keep_unknown
from huoshui.areas.telemetry.actions.raising import (
    apply_transitions,
    clear_deviation,
    raise_deviation,
    reset_cursor_beyond,
)
from huoshui.areas.telemetry.actions.ruling import (
    ask_limit,
    decide_limit,
    save_rule,
    set_formula,
    set_rule_state,
)
from huoshui.areas.telemetry.actions.tending import tend_alarms

__all__ = [
    "acknowledge_alarm",
    "acknowledge_many",
    "apply_transitions",
    "ask_limit",
    "change_points",
    "clear_deviation",
    "comment",
    "decide_limit",
    "declare_points",
    "keep_unknown",
    "raise_deviation",
    "reset_alarm",
    "reset_cursor_beyond",
    "return_to_service",
    "save_rule",
    "set_formula",
    "set_rule_state",
    "shelve",
    "take_out_of_service",
    "tend_alarms",
    "unshelve",
]
