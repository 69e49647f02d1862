"""The map of registers: what a person writes, and what a device's words mean."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.connectors.modbus import registers
from huoshui.connectors.modbus.registers import Register, blocks, decode, read_map


class TestReadMap:
    def test_takes_a_line_for_each_point_with_what_is_left_out(self):
        found, faults = read_map("P1.pressure, holding, 0, float32, 5, 0.1\nV1.open, coil, 7\n")

        assert faults == []
        assert found == [
            Register("P1.pressure", "holding", 0, "float32", 5.0, 0.1),
            Register("V1.open", "coil", 7, "bool", 10.0),
        ]

    def test_takes_columns_in_any_order_by_their_names_as_pasted_from_excel(self):
        found, faults = read_map("point\taddress\tfunction\ttype\nT1.level\t12\t4\tint16\n")

        assert (found, faults) == ([Register("T1.level", "input", 12, "int16")], [])

    @pytest.mark.parametrize(
        ("line", "code"),
        [
            (", holding, 1", "map.point_missing"),
            ("a, write, 1", "map.function_unknown"),
            ("a, holding, 70000", "map.address_wrong"),
            ("a, holding, 65535, float32", "map.address_wrong"),
            ("a, holding, -1", "map.address_wrong"),
            ("a, holding, 1, float16", "map.type_unknown"),
            ("a, coil, 1, int16", "map.type_unknown"),
            ("a, holding, 1, int16, 0", "map.number_wrong"),
            ("a, holding, 1, int16, 10, 0", "map.number_wrong"),
            ("a, holding, 1, int16, 10, nan", "map.number_wrong"),
            ("a, holding, 1, int16, 10, 1, 0, acdb", "map.order_unknown"),
            ("a, holding, 1, int16, 10, 1, 0, abcd, 300", "map.device_wrong"),
        ],
    )
    def test_names_the_line_and_what_is_wrong(self, line, code):
        found, faults = read_map(f"ok, holding, 1\n\n{line}")

        assert [one.point for one in found] == ["ok"]
        assert [(one.line, one.code) for one in faults] == [(3, code)]

    def test_refuses_a_point_that_stands_twice(self):
        _found, faults = read_map("a, holding, 1\na, holding, 2")

        assert [(one.line, one.code) for one in faults] == [(2, "map.point_twice")]

    @given(st.text(max_size=400))
    def test_never_raises_for_anything_a_person_may_write(self, text):
        found, faults = read_map(text)

        assert found or faults


class TestDecode:
    """Expected numbers by Python's own packing of IEEE 754 and two's complement."""

    @pytest.mark.parametrize(
        ("order", "words"),
        [
            ("abcd", [0x42F6, 0xE979]),  # 123.456 as float32 is 42F6E979
            ("cdab", [0xE979, 0x42F6]),
            ("badc", [0xF642, 0x79E9]),
            ("dcba", [0x79E9, 0xF642]),
        ],
    )
    def test_reads_a_float_in_every_order_of_bytes(self, order, words):
        one = Register("a", "holding", 0, "float32", order=order)

        assert decode(one, words) == pytest.approx(123.456, rel=1e-6)

    def test_scales_signed_numbers(self):
        one = Register("a", "holding", 0, "int16", scale=0.1, offset=5)

        assert decode(one, [0xFFF6]) == pytest.approx(4.0)  # -10 x 0.1 + 5

    @pytest.mark.parametrize("words", [[], [0x7FC0]])
    def test_has_no_value_where_words_are_missing(self, words):
        assert math.isnan(decode(Register("a", "holding", 0, "float32"), words))

    def test_has_no_value_where_the_device_says_not_a_number(self):
        assert math.isnan(decode(Register("a", "holding", 0, "float32"), [0x7FC0, 0]))

    @given(st.floats(-1e15, 1e15), st.sampled_from(registers.ORDERS))
    def test_gives_back_what_was_packed(self, value, order):
        words = list(struct.unpack(">4H", struct.pack(">d", value)))
        if order in ("badc", "dcba"):
            words = [(word >> 8) | ((word & 0xFF) << 8) for word in words]
        if order in ("cdab", "dcba"):
            words.reverse()

        assert decode(Register("a", "holding", 0, "float64", order=order), words) == value


class TestBlocks:
    def test_merges_neighbours_into_one_question(self):
        found = blocks([Register(f"p{n}", "holding", 2 * n, "float32") for n in range(60)])

        assert [(one.address, one.count) for one in found] == [(0, 120)]

    def test_never_asks_for_more_than_the_protocol_allows(self):
        found = blocks([Register(f"p{n}", "holding", n) for n in range(1000)])

        assert max(one.count for one in found) <= 125
        assert sum(len(one.registers) for one in found) == 1000

    def test_keeps_functions_devices_and_far_addresses_apart(self):
        found = blocks(
            [
                Register("a", "holding", 0),
                Register("b", "input", 1),
                Register("c", "holding", 2, device=7),
                Register("d", "holding", 400),
            ]
        )

        assert len(found) == 4
