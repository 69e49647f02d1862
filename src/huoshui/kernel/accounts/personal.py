"""Personal data: shown in full to those who may see it, masked to everybody else."""

from __future__ import annotations

import re
from typing import Any

from huoshui.kernel.accounts import permissions

SEE = "accounts.see_personal"
STARS = "****"


def mask_phone(number: str) -> str:
    """Return a telephone number of which the middle is hidden: 138****5678.

    Enough stays for two people to check that they mean the same number; of a short one only the
    last two digits do.
    """
    digits = re.sub(r"\D", "", number)
    if not digits:
        return ""
    if len(digits) < 9:
        return STARS + digits[-2:]
    return digits[:3] + STARS + digits[-4:]


def may_see(reader: Any, unit: int | None = None) -> bool:
    """Tell whether a reader sees the personal data of somebody in ``unit``; None is in no unit."""
    reached = permissions.units_of(reader, SEE)
    return reached is None or (unit is not None and unit in reached)


def phone_for(reader: Any, number: str, unit: int | None = None) -> str:
    """Return a telephone number as this reader may see it."""
    return number if may_see(reader, unit) else mask_phone(number)
