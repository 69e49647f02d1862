"""What other areas may know of calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it stands now."""

    id: int
    code: str
    name: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class CallAdded:
    """A call was added to the register."""

    code: str
    at: datetime
    by_id: int | None
