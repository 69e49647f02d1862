"""Reading a message: what is taken, what is refused by name, and that nothing ever raises."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huoshui.areas.telemetry.contracts import Quality, to_us
from huoshui.connecting import columns as columns_of
from huoshui.connecting import messages as payload

POINTS = {"p227.flow": 1, "n1.pressure": 2}


def id_of(code: str) -> int:
    return POINTS.get(code, -1)


AT = "2026-03-01T10:00:00Z"
AT_US = to_us(datetime(2026, 3, 1, 10, tzinfo=UTC))


def read(message: object) -> columns_of.Columns:
    raw = message if isinstance(message, bytes) else orjson.dumps(message)
    return payload.read(raw, id_of)


def reading(**changes: object) -> dict[str, object]:
    return {"point": "p227.flow", "at": AT, "value": 75.48, **changes}


class TestReadings:
    def test_become_columns_in_the_order_of_the_message(self):
        columns = read(
            {"readings": [reading(), reading(point="n1.pressure", value=31, quality="doubtful")]}
        )

        assert columns.point_id.tolist() == [1, 2]
        assert columns.at_us.tolist() == [AT_US, AT_US]
        assert columns.value.tolist() == [75.48, 31.0]
        assert columns.quality.tolist() == [Quality.GOOD, Quality.DOUBTFUL]
        assert columns.problems == []

    def test_keep_microseconds_and_honour_the_zone(self):
        columns = read({"readings": [reading(at="2026-03-01T18:00:00.123457+08:00")]})

        assert columns.at_us.tolist() == [AT_US + 123_457]

    def test_without_a_value_are_no_readings(self):
        columns = read({"readings": [reading(value=None), reading()]})

        assert (len(columns), columns.empty, columns.problems) == (1, 1, [])

    def test_of_unknown_points_are_counted_by_code(self):
        columns = read({"readings": [reading(point="ghost"), reading(point="ghost"), reading()]})

        assert len(columns) == 1
        assert columns.unknown == {"ghost": columns_of.Unknown([AT_US] * 2, [75.48] * 2, [0, 0])}

    @pytest.mark.parametrize(
        ("wrong", "code"),
        [
            ("text", "reading.not_an_object"),
            (reading(point=5), "reading.point_missing"),
            (reading(point=""), "reading.point_missing"),
            (reading(point="x" * 121), "reading.point_missing"),
            (reading(at=None), "reading.at_missing"),
            (reading(at=1772359200), "reading.at_missing"),
            (reading(at="2026-03-01T10:00:00"), "reading.at_without_zone"),
            (reading(at="yesterday at half past"), "reading.at_unreadable"),
            (reading(at="1999-12-31T23:59:59Z"), "reading.at_out_of_range"),
            (reading(at="0001-01-01T00:00:00+14:00"), "reading.at_out_of_range"),
            (reading(at="9999-12-31T23:59:59-14:00"), "reading.at_out_of_range"),
            (reading(value="75.48"), "reading.value_not_a_number"),
            (reading(value=True), "reading.value_not_a_number"),
            (reading(value=[1]), "reading.value_not_a_number"),
            (reading(value=1e300), "reading.value_not_a_number"),
            (reading(quality="excellent"), "reading.quality_unknown"),
            (reading(quality=0), "reading.quality_unknown"),
        ],
    )
    def test_that_are_wrong_are_named_and_the_others_kept(self, wrong, code):
        columns = read({"readings": [reading(), wrong, reading(at="2026-03-01T10:05:00Z")]})

        assert len(columns) == 2
        assert [problem.code for problem in columns.problems] == [code]
        assert columns.refused == 1
        assert columns.problems[0].where.startswith("readings[1]")


class TestSeries:
    def test_with_a_step_are_read_as_columns(self):
        columns = read(
            {
                "at": {"from": AT, "step_s": 300},
                "values": {"p227.flow": [1, None, 3.5], "n1.pressure": [None, 20, 21]},
                "quality": {"n1.pressure": ["good", "bad", "estimated"]},
            }
        )

        assert columns.point_id.tolist() == [1, 1, 2, 2]
        assert (columns.at_us - AT_US).tolist() == [0, 600_000_000, 300_000_000, 600_000_000]
        assert columns.value.tolist() == [1, 3.5, 20, 21]
        assert columns.quality.tolist() == [0, 0, Quality.BAD, Quality.ESTIMATED]
        assert columns.empty == 2

    def test_with_their_own_moments_are_read_as_columns(self):
        columns = read({"at": [AT, "2026-03-01T10:07:00Z"], "values": {"p227.flow": [1, 2]}})

        assert (columns.at_us - AT_US).tolist() == [0, 420_000_000]

    def test_of_unknown_points_are_counted_by_code(self):
        columns = read({"at": [AT, AT], "values": {"ghost": [1, None], "p227.flow": [1, 2]}})

        assert len(columns) == 2
        assert columns.unknown == {"ghost": columns_of.Unknown([AT_US], [1.0], [0])}

    def test_lose_only_the_values_that_are_no_numbers(self):
        columns = read({"at": [AT] * 4, "values": {"p227.flow": [1, "2", False, 4]}})

        assert columns.value.tolist() == [1, 4]
        assert (columns.refused, columns.problems[0].where) == (2, "values.p227.flow[1]")

    @pytest.mark.parametrize(
        ("message", "code"),
        [
            ({"values": {"p227.flow": [1]}}, "series.at_missing"),
            ({"at": 5, "values": {"p227.flow": [1]}}, "series.at_missing"),
            ({"at": ["x" * 20], "values": {"p227.flow": [1]}}, "reading.at_unreadable"),
            ({"at": {"step_s": 5}, "values": {"p227.flow": [1]}}, "reading.at_missing"),
            ({"at": {"from": AT, "step_s": 0}, "values": {"p227.flow": [1]}}, "series.step_wrong"),
            ({"at": {"from": AT, "step_s": -5}, "values": {"p227.flow": [1]}}, "series.step_wrong"),
            (
                {"at": {"from": AT, "step_s": "5"}, "values": {"p227.flow": [1]}},
                "series.step_wrong",
            ),
            (
                {"at": {"from": AT, "step_s": 31_000_000}, "values": {"p227.flow": [1] * 100}},
                "reading.at_out_of_range",
            ),
            ({"at": [AT], "values": {"p227.flow": [1, 2]}}, "series.length_differs"),
            ({"at": [AT], "values": {"p227.flow": 1}}, "payload.not_a_list"),
            ({"at": [AT], "values": {"": [1]}}, "reading.point_missing"),
            ({"at": [AT], "values": [1]}, "payload.not_an_object"),
            (
                {"at": [AT], "values": {"p227.flow": [1]}, "quality": []},
                "payload.not_an_object",
            ),
            (
                {"at": [AT], "values": {"p227.flow": [1]}, "quality": {"p227.flow": ["best"]}},
                "reading.quality_unknown",
            ),
        ],
    )
    def test_that_are_wrong_are_named(self, message, code):
        columns = read(message)

        assert len(columns) == 0
        assert [problem.code for problem in columns.problems] == [code]


class TestWholeMessages:
    @pytest.mark.parametrize(
        ("raw", "code"),
        [
            (b"", "payload.not_json"),
            (b"\xff\xfe\x00", "payload.not_json"),
            (b'{"readings": [', "payload.not_json"),
            (b'{"readings": [{"point": "p227.flow", "value": NaN}]}', "payload.not_json"),
            (b'{"readings": [{"point": "p227.flow", "value": Infinity}]}', "payload.not_json"),
            (b"[" * 100_000, "payload.not_json"),
            (b"[1, 2]", "payload.not_an_object"),
            (b"null", "payload.not_an_object"),
            (b"{}", "payload.form_unknown"),
            (b'{"readings": {}}', "payload.not_a_list"),
            (b'{"readings": [' + b"0," * 250_001 + b"0]}", "payload.too_many"),
            (b" " * (payload.MAX_BYTES + 1), "payload.too_large"),
        ],
    )
    def test_that_cannot_be_read_are_refused_by_name(self, raw, code):
        columns = read(raw)

        assert len(columns) == 0
        assert [problem.code for problem in columns.problems] == [code]

    def test_describe_a_repeated_problem_only_so_often(self):
        columns = read({"readings": [reading(at="2026-03-01T10:00:00")] * 500})

        assert columns.refused == 500
        assert len(columns.problems) == columns_of.MAX_PROBLEMS

    def test_survive_values_nested_as_deep_as_the_parser_allows(self):
        deep = b"[" * 900 + b"]" * 900
        columns = read(
            b'{"readings": [{"point": "p227.flow", "at": "'
            + AT.encode()
            + b'", "value": '
            + deep
            + b"}]}"
        )

        assert columns.problems[0].code == "reading.value_not_a_number"


# Words that lead deep into the reader, mixed with anything JSON can hold.
_leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text("aZ09é水 -:+.", max_size=30)
    | st.sampled_from(
        [AT, "p227.flow", "good", "2026-02-30T00:00:00Z", "2026-03-01T10:00:00+25:00"]
    )
    | st.datetimes().map(lambda moment: moment.isoformat())
)
_words = st.sampled_from(
    ["readings", "values", "at", "quality", "point", "value", "from", "step_s", "p227.flow"]
)
_anything = st.recursive(
    _leaves,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(_words | st.text("aé水", max_size=9), inner, max_size=6)
    ),
    max_leaves=30,
)


class TestAnything:
    @settings(deadline=None)
    @given(st.binary(max_size=400))
    def test_made_of_bytes_never_raises(self, raw):
        payload.read(raw, id_of)

    # The first draw builds tables and is slow on a busy machine; that says nothing about us.
    @settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])
    @given(st.dictionaries(_words, _anything, max_size=6))
    def test_made_of_json_gives_equal_columns_of_sound_values(self, message):
        columns = payload.read(json.dumps(message).encode(), id_of)

        lengths = {len(columns.point_id), len(columns.at_us), len(columns.value)}
        assert lengths == {len(columns.quality)}
        assert np.isfinite(columns.value).all()
        assert np.isin(columns.point_id, list(POINTS.values())).all()
        assert (columns.quality <= max(Quality)).all()
        assert len(columns.problems) <= columns_of.MAX_PROBLEMS
