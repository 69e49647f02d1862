"""What other areas may know of accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Account:
    """One account as it stands now."""

    id: int
    code: str
    name: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class AccountAdded:
    """A account was added to the register."""

    code: str
    at: datetime
    by_id: int | None
