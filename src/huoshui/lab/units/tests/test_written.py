"""Units as people write them. Expected factors are worked from the definitions by hand."""

from __future__ import annotations

import pytest

from huoshui.lab.units import written


class TestFactor:
    @pytest.mark.parametrize(
        ("unit", "wanted", "expected"),
        [
            ("L/s", "m³/h", 3.6),
            ("m3/d", "m³/h", 1 / 24),
            ("ML/d", "m³/h", 1000 / 24),
            ("万立方米/日", "m³/h", 10_000 / 24),
            ("MPa", "m", 101.97162),  # 1e6 / 9806.65
            ("bar", "m", 10.197162),
            ("psi", "m", 0.70306958),  # 6894.757293 / 9806.65
            ("cm", "m", 0.01),
            ("L/h", "L/h", 1.0),
            ("gpm", "L/s", 0.0630901964),
        ],
    )
    def test_agrees_with_the_definitions(self, unit, wanted, expected):
        found = written.factor(written.find(unit), written.find(wanted))

        assert found == pytest.approx(expected, rel=1e-7)

    def test_refuses_to_make_pressure_of_flow(self):
        with pytest.raises(ValueError, match="cannot become"):
            written.factor(written.find("L/s"), written.find("m"))


class TestSplitHeading:
    @pytest.mark.parametrize(
        ("heading", "stem", "symbol"),
        [
            ("dma_1_lps", "dma_1", "L/s"),
            ("inflow [L/s]", "inflow", "L/s"),
            ("出厂压力（MPa）", "出厂压力", "MPa"),
            ("瞬时流量(m³/h)", "瞬时流量", "m³/h"),
            ("P1.pressure", "P1.pressure", None),
            ("Pump (old)", "Pump (old)", None),
            ("lps", "lps", None),
        ],
    )
    def test_finds_the_unit_and_leaves_the_name(self, heading, stem, symbol):
        found, unit = written.split_heading(heading)

        assert (found, unit.symbol if unit else None) == (stem, symbol)
