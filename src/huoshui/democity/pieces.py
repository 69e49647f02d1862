"""What the demo city lives through, in this order: each has ``set_up(people)``."""

from __future__ import annotations

from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.leakage import facade as leakage
from huoshui.democity import (
    announcements,
    crews,
    hotline,
    patrol,
    plant_checks,
    surge,
    upkeep,
)

PIECES = (hotline, announcements, crews, patrol, plant_checks, surge, upkeep)


def look_back() -> None:
    """Do what the background would have done by the end of the measured past."""
    leakage.tell_walks()
    fieldwork.offers.look_for_wear()
