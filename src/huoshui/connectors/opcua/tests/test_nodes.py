"""Lists of nodes, status codes and values in our own terms."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest
from asyncua import ua
from hypothesis import given
from hypothesis import strategies as st

from huoshui.areas.telemetry.contracts import Quality, to_us
from huoshui.connectors.opcua.nodes import WantedNode, quality_of, read_list, sample_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class TestReadList:
    def test_takes_a_point_and_its_node_or_the_node_alone(self):
        found, faults = read_list("P1.flow, ns=2;s=Pump1.Flow\n# note\nns=2;s=Tank.Level\n")

        assert faults == []
        assert found == [
            WantedNode("P1.flow", "ns=2;s=Pump1.Flow"),
            WantedNode("Tank.Level", "ns=2;s=Tank.Level"),
        ]

    @pytest.mark.parametrize(
        ("line", "code"),
        [("a, nonsense", "list.node_wrong"), ("ok, ns=2;i=7", "list.point_twice")],
    )
    def test_names_the_line_and_what_is_wrong(self, line, code):
        _found, faults = read_list(f"ok, ns=2;i=5\n{line}")

        assert [(one.line, one.code) for one in faults] == [(2, code)]

    @given(st.text(max_size=300))
    def test_never_raises_for_anything_a_person_may_write(self, text):
        read_list(text)


class TestQuality:
    @pytest.mark.parametrize(
        ("status", "quality"),
        [
            (ua.StatusCodes.Good, Quality.GOOD),
            (ua.StatusCodes.GoodClamped, Quality.GOOD),
            (ua.StatusCodes.UncertainLastUsableValue, Quality.DOUBTFUL),
            (ua.StatusCodes.BadSensorFailure, Quality.BAD),
        ],
    )
    def test_follows_the_two_highest_bits_of_the_status(self, status, quality):
        assert quality_of(ua.StatusCode(status)) is quality


class TestSample:
    def test_takes_the_moment_of_the_source(self):
        data = ua.DataValue(ua.Variant(7.5), SourceTimestamp=datetime(2026, 2, 28, 10, tzinfo=UTC))
        sample = sample_of(data, NOW)

        assert sample is not None
        assert (sample.at_us, sample.value) == (to_us(datetime(2026, 2, 28, 10, tzinfo=UTC)), 7.5)

    def test_does_not_believe_a_device_without_a_clock(self):
        data = ua.DataValue(ua.Variant(7.5), SourceTimestamp=datetime(1601, 1, 1, tzinfo=UTC))

        assert sample_of(data, NOW).at_us == to_us(NOW)

    @pytest.mark.parametrize("value", [math.nan, math.inf, 1e300])
    def test_has_no_value_where_the_number_is_none(self, value):
        sample = sample_of(ua.DataValue(ua.Variant(value)), NOW)

        assert math.isnan(sample.value)
        assert sample.quality == Quality.MISSING

    @pytest.mark.parametrize("value", ["text", [1.0, 2.0], b"bytes"])
    def test_leaves_out_what_no_point_could_hold(self, value):
        assert sample_of(ua.DataValue(ua.Variant(value)), NOW) is None
