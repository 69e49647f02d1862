"""Which connections lose their water together.

R --p1-- a --v1-- b --p2-- c --v2-- d --p3-- e      R is the source
   C1                 C2, C3           C4
"""

from __future__ import annotations

from pathlib import Path

import pytest

from huoshui.areas.network import facade, segments
from huoshui.areas.network.contracts import ConnectionStatus
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


@pytest.fixture(autouse=True)
def street(db, tmp_path: Path):
    path = tmp_path / "street.inp"
    path.write_text(INP)
    assert facade.import_inp(path, crs=GRID, by_id=None).ok
    for code, pipe in (("C1", "p1"), ("C2", "p2"), ("C3", "p2"), ("C4", "p3")):
        Connection.objects.create(
            code=code, customer_code=f"K-{code}", pipe=Asset.objects.get(code=pipe)
        )


class TestConnectionsTogether:
    def test_are_those_between_the_same_valves_and_those_beyond(self):
        assert facade.connections_together("C2") == {"C2", "C3", "C4"}

    def test_are_not_those_before_the_valve(self):
        assert facade.connections_together("C4") == {"C4"}

    def test_leave_out_what_hangs_from_a_trunk(self, monkeypatch):
        monkeypatch.setattr(segments, "BEYOND_MAX", 2)

        assert facade.connections_together("C1") == {"C1"}

    def test_are_none_of_what_the_network_does_not_have(self):
        Connection.objects.filter(code="C4").update(status=ConnectionStatus.CLOSED)

        assert facade.connections_together("C4") == frozenset()
        assert facade.connections_together("C9") == frozenset()
