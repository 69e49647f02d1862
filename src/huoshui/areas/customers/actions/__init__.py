"""Everything people do with customers."""

from huoshui.areas.customers.actions.accounts import (
    add_person,
    choose_channels,
    choose_key_manager,
    keep_accounts,
    tag_exposed,
)
from huoshui.areas.customers.actions.boards import hang_board, receive_report, take_down
from huoshui.areas.customers.actions.care import begin_care, end_care, require_may_cut_off, visit
from huoshui.areas.customers.actions.exchanges import (
    exchange_meter,
    note_of_reading,
    settle_as_told_twice,
    settle_exchange,
)
from huoshui.areas.customers.actions.grids import (
    add_grid,
    choose_people,
    decide_plan,
    keep_plan,
    move_estates,
    propose_plan,
)
from huoshui.areas.customers.actions.visits import plan_visits
from huoshui.areas.customers.actions.voices import (
    add_supervisor,
    end_supervisor,
    file_finding,
    keep_voice,
)

__all__ = [
    "add_grid",
    "add_person",
    "add_supervisor",
    "begin_care",
    "choose_channels",
    "choose_key_manager",
    "choose_people",
    "decide_plan",
    "end_care",
    "end_supervisor",
    "exchange_meter",
    "file_finding",
    "hang_board",
    "keep_accounts",
    "keep_plan",
    "keep_voice",
    "move_estates",
    "note_of_reading",
    "plan_visits",
    "propose_plan",
    "receive_report",
    "require_may_cut_off",
    "settle_as_told_twice",
    "settle_exchange",
    "tag_exposed",
    "take_down",
    "visit",
]
