"""What the players did themselves, to be compared with what the product says was done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from huoshui.democity.cold_wave.script import Cure, Trouble
from huoshui.kernel import errors


@dataclass
class Ledger:
    """The players' own book of one wave; moments are the script's."""

    case_of: dict[int, str] = field(default_factory=dict)
    trouble_of: dict[str, Trouble] = field(default_factory=dict)
    noted: Counter[str] = field(default_factory=Counter)
    folded: int = 0
    not_proposed: list[int] = field(default_factory=list)
    given: dict[str, float] = field(default_factory=dict)
    waits: dict[str, tuple[str, ...]] = field(default_factory=dict)
    done: dict[str, tuple[float, str]] = field(default_factory=dict)
    closed: int = 0
    called_back: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    receipts: Counter[str] = field(default_factory=Counter)

    def cured(self, cure: Cure, until_s: float = float("inf")) -> int:
        """Return how many troubles were cured in one way before a moment."""
        return sum(how == cure and at_s < until_s for at_s, how in self.done.values())

    def trying(self, what: str, deed: Callable[[], None]) -> bool:
        """Do something; keep a refusal, which a real person would read and shrug at."""
        try:
            deed()
        except errors.Refused as refusal:
            key = f"{what}: {refusal.code}"
            self.refused[key] += 1
            self.examples.setdefault(key, str(refusal.message))
            return False
        return True
