"""Writes of the network: one function for each thing a person or a program may do."""

from huoshui.areas.network.actions.attributes import change_attributes, impossible, set_attributes
from huoshui.areas.network.actions.checks import (
    accept_findings,
    check_network,
    reopen_finding,
    run_checks,
)
from huoshui.areas.network.actions.common import new_revision
from huoshui.areas.network.actions.importing import import_inp
from huoshui.areas.network.actions.valves import report_condition, report_turn
from huoshui.areas.network.actions.zones import assign_zones

__all__ = [
    "accept_findings",
    "assign_zones",
    "change_attributes",
    "check_network",
    "import_inp",
    "impossible",
    "new_revision",
    "reopen_finding",
    "report_condition",
    "report_turn",
    "run_checks",
    "set_attributes",
]
