"""Writes of the network: one function for each thing a person or a program may do."""

from huoshui.areas.network.actions.attributes import change_attributes, impossible, set_attributes
from huoshui.areas.network.actions.changes import (
    OPEN_STATES,
    add_step,
    approve_change,
    draft_of,
    make_change,
    redo_step,
    refuse_change,
    submit_change,
    undo_change,
    undo_step,
    withdraw_change,
)
from huoshui.areas.network.actions.checks import (
    accept_findings,
    check_network,
    reopen_finding,
    run_checks,
)
from huoshui.areas.network.actions.common import new_revision
from huoshui.areas.network.actions.connections import choose_pipe, connect
from huoshui.areas.network.actions.importing import import_inp
from huoshui.areas.network.actions.reports import attach, detach, receive_report, settle_report
from huoshui.areas.network.actions.teams import give_team
from huoshui.areas.network.actions.valves import report_condition, report_turn
from huoshui.areas.network.actions.zones import assign_zones, give_zone

__all__ = [
    "OPEN_STATES",
    "accept_findings",
    "add_step",
    "approve_change",
    "assign_zones",
    "attach",
    "change_attributes",
    "check_network",
    "choose_pipe",
    "connect",
    "detach",
    "draft_of",
    "give_team",
    "give_zone",
    "import_inp",
    "impossible",
    "make_change",
    "new_revision",
    "receive_report",
    "redo_step",
    "refuse_change",
    "reopen_finding",
    "report_condition",
    "report_turn",
    "run_checks",
    "set_attributes",
    "settle_report",
    "submit_change",
    "undo_change",
    "undo_step",
    "withdraw_change",
]
