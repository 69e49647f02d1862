"""Everything people do with customers."""

from huoshui.areas.customers.actions.accounts import (
    add_person,
    choose_channels,
    choose_key_manager,
    keep_accounts,
)
from huoshui.areas.customers.actions.care import begin_care, end_care, require_may_cut_off, visit

__all__ = [
    "add_person",
    "begin_care",
    "choose_channels",
    "choose_key_manager",
    "end_care",
    "keep_accounts",
    "require_may_cut_off",
    "visit",
]
