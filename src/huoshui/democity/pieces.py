"""What the demo city lives through, in this order: each has ``set_up(people)``."""

from __future__ import annotations

from huoshui.democity import announcements, crews, hotline, patrol, surge, upkeep

PIECES = (hotline, announcements, crews, patrol, surge, upkeep)
