"""The alarm engine: limits with delay and dead band, and silence.

Works on one array slot per point. Almost every reading changes nothing, so a batch is first
tested as a whole against the inner limits; only points that violate a limit, stand in alarm and
return, or wait for their delay go through the state machine reading by reading.

Of ISA-18.2 (management of alarm systems for the process industries) this engine has: absolute
alarms with on and off delay and dead band (ch. on alarm design), the states *normal*,
*unacknowledged*, *acknowledged* and *returned to normal* through ``raised_at``, ``cleared_at``
and ``acknowledged_at`` of an alarm row, and one priority per rule. It does not have shelving,
suppression by design, or out-of-service states; an alarm is never hidden.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from huoshui.areas.telemetry.contracts import Quality
from huoshui.areas.telemetry.store.journal import Transition
from huoshui.areas.telemetry.validation import NONE_US, PointTable

LIMIT_RULES = ("limit_low_low", "limit_low", "limit_high", "limit_high_high")
NO_DATA = "no_data"
# Low limits are crossed downwards. One sign lets one formula serve all four.
_SIGN = np.array([-1.0, -1.0, 1.0, 1.0])


@dataclass
class Outcome:
    """Transitions found in a batch, and the states to take over once they are on disk."""

    transitions: list[Transition] = field(default_factory=list)
    states: dict[tuple[int, int], tuple[bool, int]] = field(default_factory=dict)


class Watch:
    """Alarm states of all points. Only :meth:`adopt` changes them, after the commit."""

    def __init__(self, table: PointTable, standing: Iterable[tuple[int, str, int]]) -> None:
        self.table = table
        self.active = np.zeros((4, len(table)), bool)
        # When a condition began that waits for its delay; NONE_US when nothing waits.
        self.waiting = np.full((4, len(table)), NONE_US, np.int64)
        self.silent = np.zeros(len(table), bool)
        lows, highs = table.limits[:2], table.limits[2:]
        self._inner_low = np.where(np.isnan(lows), -np.inf, lows).max(axis=0)
        self._inner_high = np.where(np.isnan(highs), np.inf, highs).min(axis=0)
        self._orphans: list[tuple[int, str]] = []
        for point_id, rule, _since in standing:
            slot = int(table.slots(np.array([point_id], np.int32))[0])
            if slot < 0:
                self._orphans.append((point_id, rule))
            elif rule == NO_DATA:
                self.silent[slot] = True
            else:
                self.active[LIMIT_RULES.index(rule), slot] = True
        # Points that are not plainly normal, so that any reading of theirs may change something.
        self._busy: NDArray[np.bool_] = np.asarray(self.active.any(axis=0))

    def released(self, now_us: int) -> list[Transition]:
        """Return the ends of alarms whose limit or point was taken away since they began."""
        ended = [
            Transition(point_id, rule, False, now_us, None, None)
            for point_id, rule in self._orphans
        ]
        self._orphans = []
        for rule, slot in np.argwhere(self.active & np.isnan(self.table.limits)):
            self.active[rule, slot] = False
            point_id = int(self.table.id[slot])
            ended.append(Transition(point_id, LIMIT_RULES[rule], False, now_us, None, None))
        return ended

    def judge(
        self,
        slot: NDArray[np.int64],
        at_us: NDArray[np.int64],
        value: NDArray[np.float64],
        quality: NDArray[np.uint8],
    ) -> Outcome:
        """Return what readings change, in ascending time, each newer than all before it."""
        trusted = quality <= Quality.ESTIMATED
        if not trusted.all():
            slot, at_us, value = slot[trusted], at_us[trusted], value[trusted]
        outcome = Outcome()
        matters: NDArray[np.bool_] = (value < self._inner_low[slot]) | (
            value > self._inner_high[slot]
        )
        matters |= self._busy[slot]
        if not matters.any():
            return outcome
        # All readings of a point that has one that matters: a return to normal matters as well.
        touched = np.zeros(len(self.table), bool)
        touched[slot[matters]] = True
        rows = touched[slot]
        slot, at_us, value = slot[rows], at_us[rows], value[rows]
        # Positive beyond the limit; NaN where there is no limit compares false everywhere.
        beyond = (value - self.table.limits[:, slot]) * _SIGN[:, None]
        active = self.active[:, slot]
        changing = (beyond > 0) & ~active
        changing |= (beyond < -self.table.dead_band[slot]) & active
        changing |= self.waiting[:, slot] != NONE_US
        for rule in np.flatnonzero(changing.any(axis=1)).tolist():
            affected = np.isin(slot, slot[changing[rule]])
            for row in np.flatnonzero(affected).tolist():
                self._step(
                    outcome,
                    rule,
                    int(slot[row]),
                    int(at_us[row]),
                    float(value[row]),
                    float(beyond[rule, row]),
                )
        outcome.transitions.sort(key=lambda item: item.at_us)
        return outcome

    def _step(
        self, outcome: Outcome, rule: int, slot: int, at_us: int, value: float, beyond: float
    ) -> None:
        """Take one reading through one rule's states: normal, waiting, active, waiting."""
        active, waiting = outcome.states.get(
            (rule, slot), (bool(self.active[rule, slot]), int(self.waiting[rule, slot]))
        )
        changing = beyond < -self.table.dead_band[slot] if active else beyond > 0
        if not changing:
            waiting = NONE_US
        else:
            waiting = at_us if waiting == NONE_US else waiting
            if at_us - waiting >= self.table.delay_us[slot]:
                active, waiting = not active, NONE_US
                limit = float(self.table.limits[rule, slot])
                point_id = int(self.table.id[slot])
                outcome.transitions.append(
                    Transition(point_id, LIMIT_RULES[rule], active, at_us, value, limit)
                )
        outcome.states[rule, slot] = (active, waiting)

    def adopt(self, outcome: Outcome) -> None:
        """Take over the states of an outcome whose transitions are on disk."""
        for (rule, slot), (active, waiting) in outcome.states.items():
            self.active[rule, slot] = active
            self.waiting[rule, slot] = waiting
            self._busy[slot] = bool(
                self.active[:, slot].any() or (self.waiting[:, slot] != NONE_US).any()
            )

    def silence(
        self, heard_us: NDArray[np.int64], *, since_us: int, now_us: int, grace_us: int
    ) -> tuple[list[Transition], NDArray[np.bool_]]:
        """Return who fell silent or spoke again, and the states to take over.

        A point may miss two of its turns and take ``grace_us`` on the way. Silence counts from
        ``since_us`` at the earliest, when this writer began to listen.
        """
        allowed = 3 * self.table.expected_us + grace_us
        heard = np.maximum(heard_us, since_us)
        silent = (self.table.expected_us > 0) & (now_us - heard > allowed)
        # Once silent only a reading ends it, not a new start of the writer.
        silent |= self.silent & (self.table.expected_us > 0) & (heard_us < since_us)
        found = []
        for slot in np.flatnonzero(silent != self.silent).tolist():
            raised = bool(silent[slot])
            at_us = (
                int(heard[slot] + allowed[slot]) if raised else int(max(heard_us[slot], since_us))
            )
            threshold = float(allowed[slot]) / 1e6
            found.append(
                Transition(int(self.table.id[slot]), NO_DATA, raised, at_us, None, threshold)
            )
        return found, silent
