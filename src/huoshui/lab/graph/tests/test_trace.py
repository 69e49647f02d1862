"""Tracing through a small network.

S --0-- 1 --1-- 2 --3-- 4 --4-- 5      S is the source, node 0
        |       |
        +--2----+ (a second link 1-2, longer)
2 --5-- 6 --6-- 7                      link 5 is a valve
"""

from __future__ import annotations

import numpy as np
import pytest

from huoshui.lab.graph import trace
from huoshui.lab.graph.topology import Graph

START = np.array([0, 1, 1, 2, 4, 2, 6])
END = np.array([1, 2, 2, 4, 5, 6, 7])
LENGTH_M = np.array([10.0, 10.0, 50.0, 10.0, 10.0, 1.0, 10.0])


def graph(shut: tuple[int, ...] = ()) -> Graph:
    """Return the network of the drawing, with some links shut; node 3 is joined to nothing."""
    passes = np.ones(len(START), dtype=bool)
    passes[list(shut)] = False
    source = np.zeros(8, dtype=bool)
    source[0] = True
    return Graph(8, START, END, passes, source)


class TestFed:
    def test_reaches_what_is_joined_to_a_source(self):
        assert graph().fed().tolist() == [True, True, True, False, True, True, True, True]

    def test_stops_at_shut_links(self):
        assert not graph((5,)).fed()[[6, 7]].any()

    def test_is_nothing_without_a_source(self):
        none = Graph(8, START, END, np.ones(7, dtype=bool), np.zeros(8, dtype=bool))

        assert not none.fed().any()


class TestOneWay:
    """Link 3 lets water from 2 to 4 only."""

    @staticmethod
    def network(source: int, shut: tuple[int, ...] = ()) -> Graph:
        found = graph(shut)
        is_source = np.zeros(8, dtype=bool)
        is_source[source] = True
        one_way = np.zeros(7, dtype=bool)
        one_way[3] = True
        return Graph(8, found.start, found.end, found.passes, is_source, one_way)

    def test_water_reaches_what_is_behind_it(self):
        assert np.flatnonzero(self.network(0).fed()).tolist() == [0, 1, 2, 4, 5, 6, 7]

    def test_and_does_not_come_back_through_it(self):
        assert np.flatnonzero(self.network(5).fed()).tolist() == [4, 5]

    def test_no_way_leads_against_it(self):
        found = trace.routes(self.network(5), resistance=LENGTH_M)
        assert np.isinf(found.cost[[0, 1, 2, 6, 7]]).all()
        assert trace.way(found, 4) == ([4, 5], [4])

    def test_ways_to_the_sources_are_looked_for_against_the_water(self):
        turned = self.network(0).turned()
        found = trace.routes(turned, resistance=LENGTH_M, origins=np.array([5]))
        assert trace.way(found, 0)[1] == [0, 1, 3, 4]
        none = trace.routes(turned, resistance=LENGTH_M, origins=np.array([2]))
        assert np.isinf(none.cost[[4, 5]]).all()

    def test_what_only_it_could_feed_backwards_depends_on_the_other_way(self):
        """With water at both ends, shutting link 0 takes the water of all before the valve."""
        both = self.network(0)
        is_source = both.is_source.copy()
        is_source[5] = True
        both = Graph(8, both.start, both.end, both.passes, is_source, both.is_one_way)
        none = np.array([], dtype=int)
        lost = trace.dependents(both, links=np.array([0]), nodes=none)
        assert np.flatnonzero(lost).tolist() == [1, 2, 6, 7]


class TestDependents:
    def test_are_those_with_no_other_way(self):
        lost = trace.dependents(graph(), links=np.array([3]), nodes=np.array([], dtype=int))

        assert np.flatnonzero(lost).tolist() == [4, 5]

    def test_are_none_in_a_loop(self):
        lost = trace.dependents(graph(), links=np.array([1]), nodes=np.array([], dtype=int))

        assert not lost.any()

    def test_are_more_when_a_closed_valve_took_the_other_way(self):
        """A trace that ignores closed valves misses the customers behind the only open way."""
        lost = trace.dependents(graph((2,)), links=np.array([1]), nodes=np.array([], dtype=int))

        assert np.flatnonzero(lost).tolist() == [2, 4, 5, 6, 7]

    def test_leave_out_what_had_no_water_before(self):
        lost = trace.dependents(graph((5,)), links=np.array([0]), nodes=np.array([], dtype=int))

        assert np.flatnonzero(lost).tolist() == [1, 2, 4, 5]


class TestEnclosed:
    def test_ends_at_walls_and_names_them(self):
        walls = np.zeros(7, dtype=bool)
        walls[[0, 5]] = True

        reach = trace.enclosed(graph(), nodes=np.array([4]), walls=walls)

        assert reach.nodes.tolist() == [1, 2, 4, 5]
        assert reach.links.tolist() == [1, 2, 3, 4]
        assert reach.walls.tolist() == [0, 5]


class TestRoutes:
    def test_take_the_easier_of_parallel_links(self):
        found = trace.routes(graph(), resistance=LENGTH_M)

        nodes, links = trace.way(found, 5)

        assert nodes == [5, 4, 2, 1, 0]
        assert links == [4, 3, 1, 0]
        assert found.cost[5] == pytest.approx(40.0)

    def test_go_round_a_shut_link(self):
        found = trace.routes(graph((1,)), resistance=LENGTH_M)

        assert trace.way(found, 5)[1] == [4, 3, 2, 0]

    def test_end_nowhere_where_no_source_reaches(self):
        found = trace.routes(graph(), resistance=LENGTH_M)

        assert np.isinf(found.cost[3])
        assert trace.way(found, 3) == ([3], [])

    def test_say_who_is_likely_served_through_a_link(self):
        found = trace.routes(graph(), resistance=LENGTH_M)

        below = trace.likely_below(found, links=np.array([1]), nodes=np.array([], dtype=int))

        assert np.flatnonzero(below).tolist() == [2, 4, 5, 6, 7]
        other = trace.likely_below(found, links=np.array([2]), nodes=np.array([], dtype=int))
        assert not other.any()
