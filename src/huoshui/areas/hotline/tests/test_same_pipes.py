"""Calls are folded by the pipes: whoever loses their water together calls about one thing.

R --p1-- a --v1-- b --p2-- c --v2-- d --p3-- e      R is the source
   1 km               1 km              1 km
   A1                 A2, A3            A4
"""

from __future__ import annotations

import pytest

from huoshui.areas.customers import facade as customers
from huoshui.areas.hotline.actions import wrapping
from huoshui.areas.hotline.contracts import Noted
from huoshui.areas.hotline.queries import incidents
from huoshui.areas.hotline.queries.topics import topic
from huoshui.areas.network import facade as network
from huoshui.kernel import clock
from huoshui.kernel.intake import kinds

pytestmark = pytest.mark.django_db
GRID = network.local_grid(lon=117.0, lat=36.6)
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
 p1 R a 1000 200 120
 p2 b c 1000 200 120
 p3 d e 1000 200 120
[VALVES]
 v1 a b 200 TCV 0
 v2 c d 200 TCV 0
[COORDINATES]
 R 0 0
 a 1000 0
 b 1001 0
 c 2001 0
 d 2002 0
 e 3002 0
"""
# Account, the pipe it is tapped into, metres east of the source.
TAPS = (("A1", "p1", 500), ("A2", "p2", 1300), ("A3", "p2", 1700), ("A4", "p3", 2500))


@pytest.fixture
def street(tmp_path):
    """Four accounts, each with a place of its own and far from the others."""
    path = tmp_path / "street.inp"
    path.write_text(INP)
    assert network.import_inp(path, crs=GRID, by_id=None).ok
    taps = "".join(f"C-{code},{code},{pipe},{east},0\n" for code, pipe, east in TAPS)
    people = "".join(
        f"{code},用户{code},文化路{code[1]}号,C-{code}\n" for code, _pipe, _east in TAPS
    )
    for kind, head, rows, options in (
        ("customers", "code,customer_code,pipe,x,y\n", taps, {"crs": GRID}),
        ("accounts", "code,name,address,connection\n", people, {}),
    ):
        table = tmp_path / f"{kind}.csv"
        table.write_text(head + rows, encoding="utf-8")
        outcome = kinds.KINDS[kind].carry_out(table, table.name, options, None)
        assert outcome.created == len(TAPS), list(outcome.problems)


@pytest.fixture
def first(street, ring, agent):
    """Whoever has A3 called first, without saying where they are."""
    noted = Noted("no_water", account_code="A3", send_now=False)
    return wrapping.wrap_call(ring(began_s_ago=900).pk, noted, by_id=agent.pk)


def proposals(account):
    spot = incidents.Spot(connection=incidents.connection_of(account))
    return incidents.similar(topic("no_water"), spot, at=clock.now())


class TestSimilar:
    def test_finds_a_call_between_the_same_valves(self, first):
        (found,) = proposals("A2")

        assert (found.choice, found.by_pipes, found.away_m) == (f"call:{first.pk}", True, None)

    def test_leaves_apart_what_keeps_its_water(self, first):
        assert proposals("A4") == []

    def test_finds_an_incident_by_any_of_its_callers(self, first, ring, agent):
        noted = Noted("no_water", account_code="A4", fold_with=f"call:{first.pk}")
        wrapping.wrap_call(ring("13900000002").pk, noted, by_id=agent.pk)

        (found,) = proposals("A4")

        assert (found.incident_id is not None, found.callers, found.by_pipes) == (True, 2, True)

    def test_is_shown_to_the_agent_as_soon_as_the_topic_is_chosen(self, first, ring, agent, client):
        client.force_login(agent)
        call = ring("13900000003")

        page = client.get(
            f"/hotline/desk/{call.pk}/similar/", {"topic": "no_water", "account": "A2"}
        ).content.decode()

        assert f"call:{first.pk}" in page

    def test_tells_nothing_of_a_place_without_a_connection(self, first):
        assert customers.account("A9") is None
        assert proposals("A9") == []
