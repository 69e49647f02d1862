"""What the demo city lives through, in this order: what it is called, and ``set_up(people)``."""

from __future__ import annotations

from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.leakage import facade as leakage
from huoshui.democity import (
    announcements,
    crews,
    hotline,
    patrol,
    plant_checks,
    routine,
    surge,
    upkeep,
)

PIECES = (
    ("hotline", hotline),
    ("announcements", announcements),
    ("crews", crews),
    ("patrol rounds", patrol),
    ("rounds to plants", plant_checks),
    ("last winter's cold wave", surge),
    ("maintenance", upkeep),
    ("the day's work", routine),
)


def look_back() -> None:
    """Do what the background would have done by the end of the measured past."""
    leakage.tell_walks()
    fieldwork.offers.look_for_wear()
