"""Sparkplug B: births, aliases, numbering, deaths, and whatever else somebody may send."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.areas.telemetry.contracts import Quality, to_us
from huoshui.connecting.columns import Columns
from huoshui.connectors.mqtt import schema, sparkplug

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
AT_MS = int(datetime(2026, 3, 1, 11, tzinfo=UTC).timestamp() * 1000)
INT16, INT32, INT64, UINT32, FLOAT, DOUBLE, BOOLEAN, TEXT = 2, 3, 4, 7, 9, 10, 11, 12
POINTS = {"n1/flow": 1, "n1/d1/level": 2, "n1/pump": 3, "n1/count": 4}


def payload(*metrics: dict[str, Any], seq: int = 0) -> bytes:
    message = schema.Payload(timestamp=AT_MS, seq=seq)
    for one in metrics:
        message.metrics.add(**one)
    return message.SerializeToString()


BIRTH = payload(
    {"name": "bdSeq", "datatype": INT64, "long_value": 7},
    {"name": "flow", "alias": 1, "datatype": FLOAT, "float_value": 12.5},
    {"name": "pump", "alias": 2, "datatype": BOOLEAN, "boolean_value": True},
    {"name": "count", "alias": 3, "datatype": INT16, "int_value": 0xFFF6},
    {"name": "maker", "alias": 4, "datatype": TEXT, "string_value": "words"},
    {"name": "Node Control/Rebirth", "datatype": BOOLEAN, "boolean_value": False},
)


class Nodes:
    """A reader with what it was sent so far."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.reader = sparkplug.SparkplugReader(
            "scada", city_now=lambda: NOW, monotonic_s=lambda: self.seconds
        )

    def send(self, kind: str, body: bytes, rest: str = "n1") -> Columns:
        return self.reader.read(f"spBv1.0/g/{kind}/{rest}", body, lambda c: POINTS.get(c, -1))

    def asked(self) -> list[str]:
        return [topic for topic, _body in self.reader.wanted()]


def rows(found: Columns) -> dict[int, float]:
    return dict(zip(found.point_id.tolist(), found.value.tolist(), strict=True))


class TestBirthAndData:
    def test_give_values_of_every_type_and_leave_out_text(self):
        found = Nodes().send("NBIRTH", BIRTH)

        assert rows(found) == {1: 12.5, 3: 1.0, 4: -10.0}
        assert set(found.at_us.tolist()) == {AT_MS * 1000}
        assert (found.problems, found.empty) == ([], 1)

    def test_find_metrics_by_alias(self):
        nodes = Nodes()
        nodes.send("NBIRTH", BIRTH)
        later = {"alias": 1, "timestamp": AT_MS + 5, "float_value": 13.0}
        found = nodes.send("NDATA", payload(later, seq=1))

        assert (rows(found), found.at_us.tolist()) == ({1: 13.0}, [(AT_MS + 5) * 1000])
        assert nodes.asked() == []

    def test_keep_devices_of_a_node_apart(self):
        nodes = Nodes()
        nodes.send("NBIRTH", BIRTH)
        level = {"name": "level", "alias": 9, "datatype": DOUBLE, "double_value": 3.25}
        assert rows(nodes.send("DBIRTH", payload(level, seq=1), "n1/d1")) == {2: 3.25}
        data = payload({"alias": 9, "double_value": 3.5}, seq=2)

        assert rows(nodes.send("DDATA", data, "n1/d1")) == {2: 3.5}

    def test_keep_values_that_are_null_or_late_for_what_they_are(self):
        nodes = Nodes()
        nodes.send("NBIRTH", BIRTH)
        null = {"alias": 1, "is_null": True}
        late = {"alias": 1, "timestamp": AT_MS - 9, "is_historical": True, "float_value": 1.0}
        found = nodes.send("NDATA", payload(null, late, seq=1))

        assert math.isnan(found.value[0])
        assert found.quality.tolist() == [int(Quality.MISSING), int(Quality.GOOD)]
        assert found.at_us[1] == (AT_MS - 9) * 1000

    @pytest.mark.parametrize(
        ("given", "quality"), [(0, Quality.BAD), (500, Quality.DOUBTFUL), (192, Quality.GOOD)]
    )
    def test_follow_the_property_of_quality(self, given, quality):
        message = schema.Payload(timestamp=AT_MS)
        metric = message.metrics.add(name="flow", datatype=FLOAT, float_value=1.0)
        metric.properties.keys.append("Quality")
        metric.properties.values.add(type=INT32, int_value=given)
        found = Nodes().send("NBIRTH", message.SerializeToString())

        assert found.quality.tolist() == [int(quality)]


class TestNumbering:
    def test_goes_round_from_255_to_0(self):
        nodes = Nodes()
        nodes.send("NBIRTH", BIRTH)
        for number in range(1, 300):
            nodes.send("NDATA", payload(seq=number % 256))

        assert nodes.asked() == []

    def test_asks_for_rebirth_where_a_number_is_missing_but_not_all_the_time(self):
        nodes = Nodes()
        nodes.send("NBIRTH", BIRTH)
        found = nodes.send("NDATA", payload({"alias": 1, "float_value": 2.0}, seq=5))
        assert [one.code for one in found.problems] == ["sparkplug.numbers_missing"]
        assert rows(found) == {1: 2.0}
        assert nodes.asked() == ["spBv1.0/g/NCMD/n1"]
        nodes.send("NDATA", payload(seq=9))
        assert nodes.asked() == []
        nodes.seconds = sparkplug.ASK_AGAIN_S
        nodes.send("NDATA", payload(seq=20))
        assert nodes.asked() == ["spBv1.0/g/NCMD/n1"]

    def test_asks_nodes_whose_birth_was_before_our_start(self):
        nodes = Nodes()
        found = nodes.send("NDATA", payload({"alias": 1, "float_value": 2.0}, seq=5))

        assert [one.code for one in found.problems] == ["sparkplug.alias_unknown"]
        (topic, body) = next(iter(nodes.reader.wanted()))
        assert topic == "spBv1.0/g/NCMD/n1"
        command = schema.Payload.FromString(body).metrics[0]
        assert (command.name, command.boolean_value) == ("Node Control/Rebirth", True)


class TestDeath:
    def will(self, number: int) -> bytes:
        return payload({"name": "bdSeq", "datatype": INT64, "long_value": number})

    def test_of_a_node_leaves_nothing_known(self):
        nodes = Nodes()
        nodes.send("NBIRTH", BIRTH)
        found = nodes.send("NDEATH", self.will(7))

        assert sorted(found.point_id.tolist()) == [1, 3, 4]
        assert set(found.quality.tolist()) == {int(Quality.MISSING)}
        assert set(found.at_us.tolist()) == {to_us(NOW)}

    def test_of_an_earlier_connection_changes_nothing(self):
        nodes = Nodes()
        nodes.send("NBIRTH", BIRTH)

        assert len(nodes.send("NDEATH", self.will(6))) == 0

    def test_of_a_device_leaves_its_node_alone(self):
        nodes = Nodes()
        nodes.send("NBIRTH", BIRTH)
        level = {"name": "level", "alias": 9, "datatype": DOUBLE, "double_value": 3.25}
        nodes.send("DBIRTH", payload(level, seq=1), "n1/d1")

        assert nodes.send("DDEATH", payload(seq=2), "n1/d1").point_id.tolist() == [2]
        found = nodes.send("NDATA", payload({"alias": 1, "float_value": 2.0}, seq=3))
        assert (rows(found), found.problems, nodes.asked()) == ({1: 2.0}, [], [])


class TestRubbish:
    @given(st.binary(max_size=300), st.sampled_from(["NBIRTH", "NDATA", "DDATA", "NDEATH", "X"]))
    def test_never_raises(self, body, kind):
        nodes = Nodes()
        nodes.send("NBIRTH", BIRTH)
        nodes.send(kind, body)

    @given(st.integers(0, len(BIRTH) - 1), st.integers(0, 255))
    def test_never_raises_for_a_birth_with_a_wrong_byte(self, place, byte):
        Nodes().send("NBIRTH", BIRTH[:place] + bytes([byte]) + BIRTH[place + 1 :])

    @pytest.mark.parametrize("topic", ["", "spBv1.0", "spBv1.0/STATE/host", "a/b/c/d", "/" * 9])
    def test_of_other_topics_is_named(self, topic):
        found = sparkplug.SparkplugReader("s").read(topic, b"", lambda c: -1)

        assert len(found) == 0
