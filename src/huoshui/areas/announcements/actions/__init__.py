"""Everything that may be done to announcements: composing, releasing, receipts, setting up."""

from huoshui.areas.announcements.actions.composing import (
    Composed,
    Outage,
    choose_people,
    choose_ways,
    compose,
    discard,
    gather,
    gather_in_background,
    list_accounts,
    reword,
)
from huoshui.areas.announcements.actions.receipts import (
    Receipt,
    note_opened,
    note_opt_in,
    note_opt_out,
    note_receipt,
)
from huoshui.areas.announcements.actions.releasing import (
    forget_old_addresses,
    give_back,
    queue,
    recall,
    release,
    retry_failed,
    submit,
)
from huoshui.areas.announcements.actions.setting_up import (
    change_rules,
    save_channel,
    save_wording,
    switch_channel,
)

__all__ = [
    "Composed",
    "Outage",
    "Receipt",
    "change_rules",
    "choose_people",
    "choose_ways",
    "compose",
    "discard",
    "forget_old_addresses",
    "gather",
    "gather_in_background",
    "give_back",
    "list_accounts",
    "note_opened",
    "note_opt_in",
    "note_opt_out",
    "note_receipt",
    "queue",
    "recall",
    "release",
    "retry_failed",
    "reword",
    "save_channel",
    "save_wording",
    "submit",
    "switch_channel",
]
