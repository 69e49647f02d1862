"""Points worked out from others by a formula: live, for the past, and what is refused."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from huoshui.areas.telemetry import (
    actions,
    calculated,
    contracts,
    facade,
    keeping,
    models,
    queries_rules,
    refusals,
)
from huoshui.areas.telemetry.tests import cast
from huoshui.areas.telemetry.tests.cast import HOUR, MINUTE, NOON
from huoshui.lab.series import expression

pytestmark = pytest.mark.django_db


@pytest.fixture
def city(home: object) -> dict[str, int]:
    """Return two measured points."""
    facade.declare_points(
        [contracts.PointDeclaration(f"n{n}.pressure", "P", "压力", "pressure") for n in (1, 2)],
        by_id=None,
    )
    return facade.point_ids()


class TestCalculatedPoints:
    def declare(self, person: SimpleNamespace, text: str) -> None:
        facade.declare_points(
            [contracts.PointDeclaration("n1.drop", "Drop", "压差", "pressure", limit_high=5.0)],
            by_id=None,
        )
        actions.set_formula("n1.drop", text, person.id)

    def test_follow_their_inputs_and_raise_alarms(self, city, person) -> None:
        self.declare(person, "{n1.pressure} - {n2.pressure}")
        historian = keeping.open_historian()
        made = calculated.Calculator(historian)
        made.refresh()
        for number, value in ((city["n1.pressure"], 50.0), (city["n2.pressure"], 42.0)):
            historian.accept(cast.batch((number, NOON, value)))
        assert made.calculate() == 1
        assert made.calculate() == 0
        historian.accept(cast.batch((city["n1.pressure"], NOON + MINUTE, 45.0)))
        # The moments differ: the other value may still be on its way.
        assert made.calculate() == 0
        assert made.calculate() == 1
        keeping.keep_alarms(historian)
        series = facade.readings(
            ["n1.drop"], contracts.from_us(NOON - 1), contracts.from_us(NOON + HOUR)
        )["n1.drop"]
        historian.close()

        assert series.value.tolist() == [8.0, 3.0]
        assert models.Alarm.objects.get().rule == "limit_high"

    def test_follow_every_moment_of_a_backlog_in_order(self, city, person) -> None:
        self.declare(person, "{n1.pressure} - {n2.pressure}")
        historian = keeping.open_historian()
        made = calculated.Calculator(historian)
        made.refresh()
        for number in (city["n1.pressure"], city["n2.pressure"]):
            historian.accept(cast.batch((number, NOON - HOUR, 30.0)))
        made.calculate()
        # A logger that was away sends five readings at once; the middle ones are over the limit.
        drops = [0.0, 8.0, 8.0, 8.0, 1.0]
        for number, high in ((city["n1.pressure"], drops), (city["n2.pressure"], [0.0] * 5)):
            rows = [(number, NOON + n * MINUTE, 30.0 + v) for n, v in enumerate(high)]
            historian.accept(cast.batch(*rows))
        assert made.calculate() == 5
        keeping.keep_alarms(historian)
        series = facade.readings(
            ["n1.drop"], contracts.from_us(NOON), contracts.from_us(NOON + HOUR)
        )["n1.drop"]
        historian.close()

        assert series.value.tolist() == drops
        alarm = models.Alarm.objects.get()
        assert alarm.raised_at == contracts.from_us(NOON + MINUTE)
        assert alarm.cleared_at == contracts.from_us(NOON + 4 * MINUTE)

    def test_are_put_right_when_an_input_that_lagged_behind_arrives(self, city, person) -> None:
        self.declare(person, "{n1.pressure} - {n2.pressure}")
        historian = keeping.open_historian()
        made = calculated.Calculator(historian)
        made.refresh()
        for number in (city["n1.pressure"], city["n2.pressure"]):
            historian.accept(cast.batch((number, NOON - MINUTE, 30.0)))
        made.calculate()
        rows = [(city["n1.pressure"], NOON + n * MINUTE, 31.0 + n) for n in range(3)]
        historian.accept(cast.batch(*rows))
        for _look in range(calculated.LOOKS_MAX + 1):
            made.calculate()
        rows = [(city["n2.pressure"], NOON + n * MINUTE, 32.0) for n in range(3)]
        historian.accept(cast.batch(*rows))
        for _look in range(calculated.LOOKS_MAX + 1):
            made.calculate()
        series = facade.readings(
            ["n1.drop"], contracts.from_us(NOON), contracts.from_us(NOON + HOUR)
        )["n1.drop"]
        historian.close()

        assert series.value.tolist() == [-1.0, 0.0, 1.0]

    def test_go_on_after_a_new_start_where_they_ended(self, city, person) -> None:
        self.declare(person, "{n1.pressure} * 2")
        historian = keeping.open_historian()
        made = calculated.Calculator(historian)
        made.refresh()
        historian.accept(cast.batch((city["n1.pressure"], NOON, 1.0)))
        made.calculate()
        rows = [(city["n1.pressure"], NOON + n * MINUTE, 1.0 + n) for n in (1, 2, 3)]
        historian.accept(cast.batch(*rows))
        again = calculated.Calculator(historian)
        again.refresh()
        again.calculate()
        series = facade.readings(
            ["n1.drop"], contracts.from_us(NOON), contracts.from_us(NOON + HOUR)
        )["n1.drop"]
        historian.close()

        assert series.value.tolist() == [2.0, 4.0, 6.0, 8.0]

    def test_are_worked_out_for_the_past(self, city, person) -> None:
        self.declare(person, "mean({n1.pressure}, 120)")
        historian = keeping.open_historian()
        rows = [(city["n1.pressure"], NOON - HOUR + m * MINUTE, 10.0 * m) for m in range(4)]
        historian.accept(cast.batch(*rows))
        start = contracts.from_us(NOON - HOUR)
        handed = calculated.calculate_past("n1.drop", start, contracts.from_us(NOON), person.id)
        historian.know(*_known())
        assert historian.take_in() >= 1
        found = facade.readings(["n1.drop"], start, contracts.from_us(NOON))["n1.drop"]
        historian.close()

        assert handed.readings == 4
        # The mean of what the last two minutes hold, worked by hand.
        assert found.value.tolist() == [0.0, 5.0, 10.0, 20.0]

    def test_refuse_circles_and_unknown_points(self, city, person) -> None:
        self.declare(person, "{n1.pressure} * 2")
        for text in ("{n1.drop} + 1", "{nowhere}", "1 +"):
            with pytest.raises(refusals.RuleNotUsable):
                actions.set_formula("n2.pressure", text, person.id)
        with pytest.raises(refusals.RuleNotUsable):
            actions.set_formula("n1.drop", "{n1.drop}", person.id)

    def test_take_the_worst_quality_and_hold_values_for_an_hour(self) -> None:
        made = expression.compile("{a} + {b}")
        one = contracts.Series(
            np.array([0, 2 * HOUR], np.int64), np.array([1.0, 2.0]), np.array([0, 0], np.uint8)
        )
        two = contracts.Series(
            np.array([MINUTE], np.int64), np.array([10.0]), np.array([2], np.uint8)
        )
        found = calculated.series_of(made, {"a": one, "b": two})

        # At 0 b is not known yet, at two hours it is too old.
        assert found.at_us.tolist() == [MINUTE]
        assert (found.value.tolist(), found.quality.tolist()) == ([11.0], [2])


def _known() -> Any:
    from huoshui.areas.telemetry import queries

    return (*queries.watched_points(), queries_rules.watched_rules())
