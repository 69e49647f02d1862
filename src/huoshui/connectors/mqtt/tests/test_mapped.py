"""JSON of any shape, read by a mapping."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.areas.telemetry.contracts import Quality
from huoshui.connectors.mqtt.reading import MappedReader, Places, topic_filter

AT_US = 1_772_323_200_000_000  # 2026-03-01T00:00:00Z


def read(mapping: Places, topic: str, message: Any) -> list[tuple[str, int, float, int]]:
    codes: list[str] = []

    def id_of(code: str) -> int:
        codes.append(code)
        return len(codes) - 1

    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    found = MappedReader("s", mapping).read(topic, body, id_of)
    columns = (found.point_id, found.at_us, found.value, found.quality)
    return [(codes[n], int(a), float(v), int(q)) for n, a, v, q in zip(*columns, strict=True)]


class TestMapping:
    @pytest.mark.parametrize(
        ("mapping", "topic", "message"),
        [
            (
                Places("v1/{device}/telemetry", "{device}.{key}", values="values", at="ts"),
                "v1/p1/telemetry",
                {"ts": AT_US // 1000, "values": {"flow": 7.5}},
            ),
            (
                Places("plant", "{key}", items="rows", key="tag", value="v", at="t", quality="q"),
                "plant",
                {"rows": [{"tag": "p1.flow", "v": "7.5", "t": AT_US // 10**6, "q": 192}]},
            ),
            (
                Places("a/{node}/+/b", "{node}.flow", value="", values="data.0.x", at="when"),
                "a/p1/anything/b",
                {"when": "2026-03-01 08:00:00", "data": [{"x": 7.5}]},
            ),
            (
                Places("x/#", "p1.{key}", values="m", value="val", at="t"),
                "x/y/z",
                {"t": "2026-03-01T00:00:00Z", "m": {"flow": {"val": 7.5, "unit": "L/s"}}},
            ),
        ],
    )
    def test_reads_what_many_gateways_send(self, mapping, topic, message):
        assert read(mapping, topic, message) == [("p1.flow", AT_US, 7.5, int(Quality.GOOD))]

    def test_takes_the_moment_of_arrival_where_the_message_has_none(self):
        found = read(Places("a/{n}", "{n}"), "a/p1.flow", b"7.5")

        assert [(row[0], row[2]) for row in found] == [("p1.flow", 7.5)]

    def test_calls_bad_what_the_sender_does_not_call_good(self):
        message = {"t": AT_US // 1000, "v": {"a": 1}, "q": "comm failure"}

        assert read(Places("t", "{key}", values="v", at="t", quality="q"), "t", message) == [
            ("a", AT_US, 1.0, int(Quality.BAD))
        ]

    def test_subscribes_to_every_level_that_has_a_name(self):
        assert topic_filter("v1/{device}/up-{x}/#") == "v1/+/+/#"

    @given(
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(max_size=5),
            lambda one: (
                st.lists(one, max_size=3)
                | st.dictionaries(st.sampled_from(["t", "v", "a"]), one, max_size=3)
            ),
            max_leaves=8,
        )
    )
    def test_never_raises_for_anything_a_sender_may_write(self, message):
        read(Places("t", "{key}", items="a", values="v", at="t", quality="a"), "t", message)

    @given(st.binary(max_size=200), st.text(max_size=30))
    def test_never_raises_for_bytes_and_topics(self, body, topic):
        read(Places("t", "{key}"), topic, body)
