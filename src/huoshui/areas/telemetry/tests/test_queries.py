"""Readings, steps, hours, charts and newest values, asked by code through the facade."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from huoshui.areas.telemetry import contracts, facade, keeping, refusals
from huoshui.areas.telemetry.ingest import Historian
from huoshui.areas.telemetry.labels import message_text
from huoshui.areas.telemetry.tests import cast
from huoshui.areas.telemetry.tests.cast import DAY, HOUR, MINUTE, NOON

pytestmark = pytest.mark.django_db

CODES = ["a.flow", "b.flow"]
AT = contracts.from_us(NOON)
ONE_HOUR = timedelta(hours=1)


@pytest.fixture
def numbers(home: object) -> dict[str, int]:
    facade.declare_points(
        [contracts.PointDeclaration(code, code, code, "flow") for code in CODES], by_id=None
    )
    return facade.point_ids()


@pytest.fixture
def historian(numbers: dict[str, int]) -> Historian:
    opened = keeping.open_historian()
    yield opened  # type: ignore[misc]
    opened.close()


class TestReadings:
    def test_refuse_a_code_nobody_declared(self, numbers: dict[str, int]) -> None:
        with pytest.raises(refusals.NoSuchPoint) as refused:
            facade.readings(["a.flow", "z.flow"], AT, AT + timedelta(hours=1))

        assert refused.value.data == {"codes": ["z.flow"]}

    def test_become_means_of_steps(self, historian: Historian, numbers: dict[str, int]) -> None:
        """Two readings in the first ten minutes, a bad one in the second, a doubtful one after."""
        number, start = numbers["a.flow"], NOON - HOUR
        historian.accept(cast.batch((number, start, 2.0), (number, start + 9 * MINUTE, 4.0)))
        historian.accept(cast.batch((number, start + 15 * MINUTE, 99.0), quality=3))
        historian.accept(cast.batch((number, start + 20 * MINUTE, 7.0), quality=2))

        found = facade.readings(CODES, AT - timedelta(hours=1), AT, step_s=600)

        assert found["a.flow"].at_us.tolist() == [start, start + 20 * MINUTE]
        assert found["a.flow"].value.tolist() == [3.0, 7.0]
        assert found["a.flow"].quality.tolist() == [0, 2]
        assert len(found["b.flow"]) == 0


class TestChart:
    def test_shows_readings_of_a_day_with_its_peak(
        self, historian: Historian, numbers: dict[str, int]
    ) -> None:
        number = numbers["a.flow"]
        at = NOON - DAY + np.arange(1440) * MINUTE
        value = np.ones(1440)
        value[777] = 50.0
        historian.accept(cast.columns([number] * 1440, at, value))

        found = facade.chart("a.flow", AT - timedelta(days=1), AT, max_points=100)

        assert (found.resolution, found.readings_total) == ("raw", 1440)
        assert len(found) <= 100
        assert found.value.max() == 50.0

    def test_shows_hours_of_a_month_and_fewer_when_asked(
        self, historian: Historian, numbers: dict[str, int]
    ) -> None:
        number = numbers["a.flow"]
        at = NOON - 30 * DAY + np.arange(30 * 48) * 30 * MINUTE
        historian.accept(cast.columns([number] * len(at), at, np.arange(len(at)) % 10.0))

        whole = facade.chart("a.flow", AT - timedelta(days=30), AT, max_points=2000)
        fewer = facade.chart("a.flow", AT - timedelta(days=30), AT, max_points=100)

        assert (whole.resolution, len(whole), whole.readings_total) == ("hourly", 720, 1440)
        assert whole.value[:2].tolist() == [0.5, 2.5]
        assert len(fewer) == 100
        assert (fewer.value_min.min(), fewer.value_max.max()) == (0.0, 9.0)
        # 1440 readings of mean 4.5, weighted by their number, stay 4.5.
        assert fewer.readings_total == 1440
        assert whole.value.mean() == pytest.approx(4.5)


class TestLatest:
    def test_comes_by_code_and_by_change(
        self, historian: Historian, numbers: dict[str, int]
    ) -> None:
        assert facade.latest() == {}
        historian.accept(cast.batch((numbers["a.flow"], NOON, 2.0), (numbers["b.flow"], NOON, 3.0)))
        historian.write_latest()
        change, everything = facade.latest_since(0)
        historian.accept(cast.batch((numbers["b.flow"], NOON + HOUR // 60, 4.0)))
        historian.write_latest()
        newer, changed = facade.latest_since(change)

        assert {one.code: one.value for one in everything} == {"a.flow": 2.0, "b.flow": 3.0}
        assert [(one.code, one.value) for one in changed] == [("b.flow", 4.0)]
        assert newer > change
        assert facade.latest_since(newer) == (newer, [])
        assert set(facade.latest(["a.flow"])) == {"a.flow"}


def test_an_alarm_sentence_survives_missing_data() -> None:
    assert message_text("%(value)s of %(threshold)s", {"value": 3}) == "3 of –"


class TestSums:
    def test_add_up_groups_by_hour_and_refuse_unknown_codes(
        self, historian: Historian, numbers: dict[str, int]
    ) -> None:
        """Worked by hand: a has 2 and 4, so 3 in its first hour; b alone is 10."""
        first, second = (numbers[code] for code in CODES)
        historian.accept(
            cast.batch((first, NOON, 2.0), (first, NOON + MINUTE, 4.0), (second, NOON, 10.0))
        )

        found = facade.hourly_sums({"all": ["a.flow"], "b": ["b.flow"]}, AT, AT + 2 * ONE_HOUR)
        means = facade.daily_means(CODES, [AT - 24 * ONE_HOUR, AT], 1)

        assert found["all"].total.tolist() == [3.0, 0.0]
        assert found["b"].points.tolist() == [1, 0]
        assert found["b"].hour_us.tolist() == [NOON, NOON + HOUR]
        assert means["b.flow"].tolist()[1] == 10.0
        assert np.isnan(means["b.flow"][0])
        with pytest.raises(refusals.NoSuchPoint):
            facade.hourly_sums({"z": ["z.flow"]}, AT, AT + ONE_HOUR)
