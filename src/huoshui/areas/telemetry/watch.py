"""The alarm engine: limits with delays and dead band, silence, and conditions of several values.

Works on one array slot per point. Almost every reading changes nothing, so a batch is first
tested as a whole against the inner limits; only points that violate a limit, stand in alarm and
return, or wait for their delay go through the state machine reading by reading. Rate, flat line,
deviation and formula (conditions.py) look at each reading of the points they are about.

What is judged here is the condition of ISA-18.2 (management of alarm systems for the process
industries): absolute and rate-of-change alarms with on and off delay and dead band. What people
and rules do with an alarm (acknowledge, shelve, suppress, take out of service) never stops the
judging: it is the business of actions, on the alarm's row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from huoshui.areas.telemetry import conditions
from huoshui.areas.telemetry.contracts import Quality
from huoshui.areas.telemetry.rules import LIMIT_KINDS as LIMIT_RULES
from huoshui.areas.telemetry.store.journal import Transition
from huoshui.areas.telemetry.validation import NONE_US, PointTable

NO_DATA = "no_data"
# Low limits are crossed downwards. One sign lets one formula serve all four.
_SIGN = np.array([-1.0, -1.0, 1.0, 1.0])


class State(NamedTuple):
    """Where one condition stands, since when it waits for a delay, and what it remembers."""

    active: bool = False
    waiting: int = NONE_US
    memory: Any = None


def grace_us(speed: float = 1.0) -> int:
    """Return how long a reading may be under way: 15 real seconds, long where time runs fast."""
    return int(15_000_000 * speed)


def _since(waiting: int, at_us: int) -> int:
    """Return when a delay began; one that began ahead of us is from before the clock went back."""
    return at_us if waiting == NONE_US or waiting > at_us else waiting


@dataclass
class Outcome:
    """Transitions found in a batch, and the states to take over once they are on disk."""

    transitions: list[Transition] = field(default_factory=list)
    states: dict[tuple[int, int], tuple[bool, int]] = field(default_factory=dict)
    conditions: dict[int, State] = field(default_factory=dict)


class Watch:
    """Alarm states of all points. Only :meth:`adopt` changes them, after the commit."""

    def __init__(
        self,
        table: PointTable,
        standing: Iterable[tuple[int, str, int]],
        rules: Sequence[conditions.WatchedRule] = (),
        before: Watch | None = None,
    ) -> None:
        self.table = table
        self.rules = tuple(rules)
        self.bands: dict[int, conditions.Band] = before.bands if before else {}
        self.active = np.zeros((4, len(table)), bool)
        # When a condition began that waits for its delay; NONE_US when nothing waits.
        self.waiting = np.full((4, len(table)), NONE_US, np.int64)
        self.silent = np.zeros(len(table), bool)
        self._take_rules()
        lows, highs = self.limits[:2], self.limits[2:]
        self._inner_low = np.where(np.isnan(lows), -np.inf, lows).max(axis=0, initial=-np.inf)
        self._inner_high = np.where(np.isnan(highs), np.inf, highs).min(axis=0, initial=np.inf)
        self._orphans: list[tuple[int, str]] = []
        # While the past is recalled, nothing begins or ends: that it did is in the journal.
        self._recalling = False
        self._take_standing(standing)
        if before is not None:
            self._go_on_from(before)
        self._find_busy()

    def _take_rules(self) -> None:
        """Lay the rules over what the points themselves declare."""
        table = self.table
        self.limits = table.limits.copy()
        self.dead_band = np.tile(table.dead_band, (4, 1))
        self.on_delay_us = np.tile(table.delay_us, (4, 1))
        self.off_delay_us = np.tile(table.delay_us, (4, 1))
        # A point may miss two of its turns.
        self.silence_us = 3 * table.expected_us
        self._conditions: list[conditions.Condition] = []
        self._fed: dict[int, list[int]] = {}
        self._feeds = np.zeros(len(table), bool)
        for rule in self.rules:
            slot = self._slot(rule.point_id)
            if slot < 0:
                continue
            if rule.kind == NO_DATA:
                self.silence_us[slot] = round(rule.threshold * 1e6)
            elif rule.kind in LIMIT_RULES:
                place = LIMIT_RULES.index(rule.kind), slot
                self.limits[place] = rule.threshold
                self.dead_band[place] = rule.dead_band
                self.on_delay_us[place] = rule.on_delay_us
                self.off_delay_us[place] = rule.off_delay_us
            else:
                self._add_condition(rule)
        self._states = [State() for _ in self._conditions]

    def _add_condition(self, rule: conditions.WatchedRule) -> None:
        made = conditions.condition_of(rule, self.bands)
        if made is None:
            return
        for number in made.feeds:
            slot = self._slot(number)
            if slot >= 0:
                self._fed.setdefault(slot, []).append(len(self._conditions))
                self._feeds[slot] = True
        self._conditions.append(made)

    def _slot(self, point_id: int) -> int:
        return int(self.table.slots(np.array([point_id], np.int32))[0])

    def _take_standing(self, standing: Iterable[tuple[int, str, int]]) -> None:
        places = {
            (one.rule.point_id, one.rule.key): place for place, one in enumerate(self._conditions)
        }
        for point_id, rule, _since in standing:
            slot = self._slot(point_id)
            if slot >= 0 and rule == NO_DATA:
                self.silent[slot] = True
            elif slot >= 0 and rule in LIMIT_RULES:
                self.active[LIMIT_RULES.index(rule), slot] = True
            elif (point_id, rule) in places:
                self._states[places[point_id, rule]] = State(active=True)
            else:
                self._orphans.append((point_id, rule))

    def _go_on_from(self, before: Watch) -> None:
        """Keep running delays and memories of what is the same as before."""
        old = before.table.slots(self.table.id)
        for slot in np.flatnonzero(old >= 0).tolist():
            same = self.limits[:, slot] == before.limits[:, old[slot]]
            same &= self.active[:, slot] == before.active[:, old[slot]]
            self.waiting[same, slot] = before.waiting[same, old[slot]]
        known = {
            one.rule: state for one, state in zip(before._conditions, before._states, strict=True)
        }
        for place, one in enumerate(self._conditions):
            state = known.get(one.rule)
            if state is not None:
                active = self._states[place].active
                waiting = state.waiting if state.active == active else NONE_US
                self._states[place] = State(active, waiting, state.memory)

    def _find_busy(self) -> None:
        # Points that are not plainly normal, so that any reading of theirs may change something.
        self._busy: NDArray[np.bool_] = np.asarray(
            self.active.any(axis=0) | (self.waiting != NONE_US).any(axis=0)
        )

    def memory_us(self) -> NDArray[np.int64]:
        """Return for each slot how far back its readings matter to the present state, 0 for not."""
        limited = ~np.isnan(self.limits)
        delays = np.where(limited, np.maximum(self.on_delay_us, self.off_delay_us), 0)
        memory: NDArray[np.int64] = delays.max(axis=0, initial=0)
        for slot, places in self._fed.items():
            own = max(self._conditions[place].rule.memory_us for place in places)
            memory[slot] = max(memory[slot], own)
        return memory

    def recall(
        self,
        slot: NDArray[np.int64],
        at_us: NDArray[np.int64],
        value: NDArray[np.float64],
        quality: NDArray[np.uint8],
    ) -> None:
        """Take over delays and memories from readings stored before, in ascending time.

        For the start of a writer. Nothing begins or ends by it: whatever did is in the journal
        already, in the same commit as its reading.
        """
        self._recalling = True
        try:
            self.adopt(self.judge(slot, at_us, value, quality))
        finally:
            self._recalling = False

    def released(self, now_us: int) -> list[Transition]:
        """Return the ends of alarms whose limit or point was taken away since they began."""
        ended = [
            Transition(point_id, rule, False, now_us, None, None)
            for point_id, rule in self._orphans
        ]
        self._orphans = []
        for rule, slot in np.argwhere(self.active & np.isnan(self.limits)):
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
        self._judge_limits(outcome, slot, at_us, value)
        if self._conditions:
            self._judge_conditions(outcome, slot, at_us, value)
        outcome.transitions.sort(key=lambda item: item.at_us)
        return outcome

    def _judge_limits(
        self,
        outcome: Outcome,
        slot: NDArray[np.int64],
        at_us: NDArray[np.int64],
        value: NDArray[np.float64],
    ) -> None:
        matters: NDArray[np.bool_] = (value < self._inner_low[slot]) | (
            value > self._inner_high[slot]
        )
        matters |= self._busy[slot]
        if not matters.any():
            return
        # All readings of a point that has one that matters: a return to normal matters as well.
        touched = np.zeros(len(self.table), bool)
        touched[slot[matters]] = True
        rows = touched[slot]
        slot, at_us, value = slot[rows], at_us[rows], value[rows]
        # Positive beyond the limit; NaN where there is no limit compares false everywhere.
        beyond = (value - self.limits[:, slot]) * _SIGN[:, None]
        active = self.active[:, slot]
        changing = (beyond > 0) & ~active
        changing |= (beyond < -self.dead_band[:, slot]) & active
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

    def _judge_conditions(
        self,
        outcome: Outcome,
        slot: NDArray[np.int64],
        at_us: NDArray[np.int64],
        value: NDArray[np.float64],
    ) -> None:
        rows = np.flatnonzero(self._feeds[slot])
        if not len(rows):
            return
        numbers = self.table.id[slot[rows]].tolist()
        for own, number, at, one in zip(
            slot[rows].tolist(), numbers, at_us[rows].tolist(), value[rows].tolist(), strict=True
        ):
            for place in self._fed[own]:
                self._take(outcome, place, number, at, one)

    def _take(self, outcome: Outcome, place: int, point_id: int, at_us: int, value: float) -> None:
        """Take one reading through one condition: normal, waiting, active, waiting."""
        condition = self._conditions[place]
        active, waiting, memory = outcome.conditions.get(place) or self._states[place]
        found = condition.take(memory, point_id, at_us, value)
        rule = condition.rule
        changing = found.inside if active else found.beyond
        delay_us = rule.off_delay_us if active else rule.on_delay_us
        turned, waiting = self._wait(changing, waiting, at_us, delay_us)
        if turned:
            active = not active
            outcome.transitions.append(
                Transition(rule.point_id, rule.key, active, at_us, found.shown, rule.threshold)
            )
        outcome.conditions[place] = State(active, waiting, found.memory)

    def _step(
        self, outcome: Outcome, rule: int, slot: int, at_us: int, value: float, beyond: float
    ) -> None:
        """Take one reading through one rule's states: normal, waiting, active, waiting."""
        active, waiting = outcome.states.get(
            (rule, slot), (bool(self.active[rule, slot]), int(self.waiting[rule, slot]))
        )
        changing = bool(beyond < -self.dead_band[rule, slot] if active else beyond > 0)
        delay_us = self.off_delay_us if active else self.on_delay_us
        turned, waiting = self._wait(changing, waiting, at_us, int(delay_us[rule, slot]))
        if turned:
            active = not active
            limit = float(self.limits[rule, slot])
            point_id = int(self.table.id[slot])
            outcome.transitions.append(
                Transition(point_id, LIMIT_RULES[rule], active, at_us, value, limit)
            )
        outcome.states[rule, slot] = (active, waiting)

    def _wait(self, changing: bool, waiting: int, at_us: int, delay_us: int) -> tuple[bool, int]:
        """Say whether a state turns with this reading, and since when it waits otherwise."""
        if not changing:
            return False, NONE_US
        waiting = _since(waiting, at_us)
        if at_us - waiting >= delay_us and not self._recalling:
            return True, NONE_US
        return False, waiting

    def adopt(self, outcome: Outcome) -> None:
        """Take over the states of an outcome whose transitions are on disk."""
        for (rule, slot), (active, waiting) in outcome.states.items():
            self.active[rule, slot] = active
            self.waiting[rule, slot] = waiting
            self._busy[slot] = bool(
                self.active[:, slot].any() or (self.waiting[:, slot] != NONE_US).any()
            )
        for place, state in outcome.conditions.items():
            self._states[place] = state

    def silence(
        self, heard_us: NDArray[np.int64], *, since_us: int, now_us: int, grace_us: int
    ) -> tuple[list[Transition], NDArray[np.bool_]]:
        """Return who fell silent or spoke again, and the states to take over.

        A point may miss two of its turns, or what its rule allows, and take ``grace_us`` on the
        way. Silence counts from ``since_us`` at the earliest, when this writer began to listen.
        """
        allowed = self.silence_us + grace_us
        heard = np.maximum(heard_us, since_us)
        silent = (self.silence_us > 0) & (now_us - heard > allowed)
        # Once silent only a reading ends it, not a new start of the writer.
        silent |= self.silent & (self.silence_us > 0) & (heard_us < since_us)
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
