"""Traces through a street of pipes with two valves.

R --p1-- a --v1-- b --p2-- c --v2-- d --p3-- e      R is the source
                  |                 |
                  +-------p4--------+
"""

from __future__ import annotations

from pathlib import Path

import pytest

from huoshui.areas.network import actions, facade
from huoshui.areas.network.contracts import Operability, TraceDirection
from huoshui.areas.network.models import Asset, Connection
from huoshui.areas.network.tests.conftest import GRID

INP = """
[OPTIONS]
 UNITS CMH
[RESERVOIRS]
 R 50
[JUNCTIONS]
 a 1
 b 1
 c 1
 d 1
 e 1
[PIPES]
 p1 R a 100 200 120
 p2 b c 100 200 120
 p3 d e 100 200 120
 p4 b d 300 100 120
[VALVES]
 v1 a b 200 TCV 0
 v2 c d 200 TCV 0
[COORDINATES]
 R 0 0
 a 100 0
 b 101 0
 c 200 0
 d 201 0
 e 300 0
"""


@pytest.fixture
def street(db, tmp_path: Path):
    path = tmp_path / "street.inp"
    path.write_text(INP)
    assert facade.import_inp(path, crs=GRID, by_id=None).ok
    pipe = Asset.objects.get(code="p3")
    for number in (1, 2):
        Connection.objects.create(
            code=f"C{number}", customer_code="K1", pipe=pipe, annual_use_m3=100.0
        )


@pytest.mark.usefixtures("street")
class TestTrace:
    def trace(self, code: str, direction: str, **rest):
        return facade.trace(code, TraceDirection(direction), **rest)

    def test_counts_customers_who_lose_their_water(self):
        found = self.trace("v1", "down")

        assert set(found.codes) == {"v1", "b", "p2", "c", "v2", "d", "p3", "e", "p4"}
        assert (found.connections, found.customers, found.annual_use_m3) == (2, 1, 200.0)
        assert found.pipes_length_m == pytest.approx(500.0)

    def test_finds_nobody_where_there_is_another_way(self):
        assert self.trace("p2", "down").connections == 0

    def test_a_closed_valve_takes_the_other_way_away(self):
        actions.report_turn("v2", opening_frac=0.0, by_id=None)

        found = self.trace("p4", "down")

        assert "e" in found.codes
        assert [stop.code for stop in found.stops] == ["v2"]

    def test_of_the_past_takes_valves_as_they_stood(self):
        from huoshui.kernel import clock

        before = clock.now()
        actions.report_turn("v2", opening_frac=0.0, by_id=None)

        assert self.trace("p4", "down", at=before).connections == 0

    def test_names_the_valves_to_close(self):
        found = self.trace("p2", "segment")

        assert {stop.code for stop in found.stops} == {"v1", "v2"}

    def test_passes_over_a_valve_that_cannot_be_turned(self):
        actions.report_condition("v2", operability=Operability.SEIZED, by_id=None)

        found = self.trace("p2", "segment")

        assert {stop.code for stop in found.stops} == {"v1"}
        assert "e" in found.codes

    def test_finds_the_way_of_least_resistance_from_the_source(self):
        found = self.trace("e", "up")

        assert found.sources == ("R",)
        assert {"p3", "v2", "p2", "v1", "p1"} <= set(found.codes)
        assert "p4" not in found.codes

    def test_says_what_is_likely_fed_through_it(self):
        assert "e" in self.trace("p2", "likely").codes
        assert "e" not in self.trace("p4", "likely").codes

    def test_says_which_rule_failed(self):
        Asset.objects.filter(code="R").update(status="planned")

        assert [one.code for one in self.trace("p2", "down").problems] == ["no_source"]

    def test_of_an_unknown_asset_is_none(self):
        assert self.trace("nothing", "up") is None
