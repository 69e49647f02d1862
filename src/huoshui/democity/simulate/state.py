"""What must be kept of the city to let it live on later."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from huoshui.democity.simulate import leaks, machines


@dataclass
class State:
    """What must be kept to go on later: where time stands, the tanks, the pumps, the leaks."""

    at: datetime
    levels_m: dict[str, float] = field(default_factory=dict)
    pumps_on: dict[str, bool] = field(default_factory=dict)
    leaks: list[leaks.Leak] = field(default_factory=list)
    coming: int = 0
    machines: dict[str, machines.Machine] = field(default_factory=dict)

    def as_record(self) -> dict[str, object]:
        """Return it as plain values for a file."""
        return {
            "at": self.at.isoformat(),
            "levels_m": self.levels_m,
            "pumps_on": self.pumps_on,
            "leaks": [leak.as_record() for leak in self.leaks],
            "coming": self.coming,
            "machines": {pump: one.as_record() for pump, one in self.machines.items()},
        }

    @classmethod
    def of_record(cls, record: dict[str, object]) -> State:
        """Return the state of such a record."""
        known = dict(record)
        known["at"] = datetime.fromisoformat(str(known["at"]))
        known["leaks"] = [leaks.Leak.of_record(leak) for leak in known["leaks"]]  # type: ignore[attr-defined]
        of_machines: dict[str, Any] = known.get("machines") or {}  # type: ignore[assignment]
        known["machines"] = {
            pump: machines.Machine.of_record(one) for pump, one in of_machines.items()
        }
        return cls(**known)  # type: ignore[arg-type]
