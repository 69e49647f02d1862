"""Each check finds its own mistake in a clean square of pipes, and nothing in the clean one.

3 ---2--- 2        100 m sides; node 0 is the source
|         |
3         1
|         |
0 ---0--- 1
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from huoshui.lab.graph import checks
from huoshui.lab.graph.checks import Drawing
from huoshui.lab.graph.topology import Graph

PLACES = [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0)]
LINKS = [(0, 1), (1, 2), (2, 3), (3, 0)]


def drawing(
    places=(), links=(), *, shut=(), length_m=None, diameter_mm=None, valves=(), unused=()
) -> Drawing:
    """Return the square with more nodes and links."""
    nodes = [*PLACES, *places]
    ends = np.array([*LINKS, *links])
    xy = np.array(nodes)
    lines = np.array([shapely.LineString([nodes[a], nodes[b]]) for a, b in ends], dtype=object)
    count = len(ends)
    in_use = np.ones(count, dtype=bool)
    in_use[list(unused)] = False
    passes = in_use.copy()
    passes[list(shut)] = False
    source = np.zeros(len(nodes), dtype=bool)
    source[0] = True
    lengths = shapely.length(lines)
    for index, value in (length_m or {}).items():
        lengths[index] = value
    diameters = np.full(count, 100.0)
    for index, value in (diameter_mm or {}).items():
        diameters[index] = value
    is_pipe = np.ones(count, dtype=bool)
    is_pipe[list(valves)] = False
    graph = Graph(len(nodes), ends[:, 0], ends[:, 1], passes, source)
    return Drawing(graph, xy[:, 0], xy[:, 1], lines, in_use, is_pipe, lengths, diameters)


def everything(one: Drawing) -> dict[str, list[checks.Found]]:
    """Return what every check says."""
    return {
        "unlinked": checks.unlinked_nodes(one),
        "no_source": checks.cut_off_pieces(one, even_when_open=True),
        "shut_off": checks.cut_off_pieces(one, even_when_open=False),
        "crossing": checks.crossings(one),
        "same_place": checks.close_nodes(one, least_m=0.0, most_m=0.01),
        "close": checks.close_nodes(one, least_m=0.01, most_m=0.5),
        "end_near": checks.ends_near_pipes(one, within_m=0.5),
        "duplicate": checks.duplicates(one, within_m=1.0),
        "loop": checks.loops_of_one(one),
        "no_length": checks.without_length(one, least_m=0.05),
        "length": checks.lengths_that_differ(one, by_frac=0.2, by_m=5.0),
        "no_diameter": checks.without_diameter(one),
        "jump": checks.diameter_jumps(one, ratio=3.0),
    }


def speaking(one: Drawing) -> set[str]:
    """Return which checks found something."""
    return {name for name, found in everything(one).items() if found}


class TestACleanDrawing:
    def test_is_passed_over_in_silence(self):
        assert speaking(drawing()) == set()


class TestMistakes:
    def test_a_node_without_links(self):
        one = drawing([(50.0, 50.0)])

        assert speaking(one) == {"unlinked"}
        assert checks.unlinked_nodes(one)[0].node == 4

    def test_a_piece_no_source_reaches_is_said_once(self):
        one = drawing([(300.0, 0.0), (400.0, 0.0), (500.0, 0.0)], [(4, 5), (5, 6)])

        assert speaking(one) == {"no_source"}
        found = checks.cut_off_pieces(one, even_when_open=True)
        assert [piece.value for piece in found] == [3.0]

    def test_a_piece_behind_a_closed_valve_is_another_thing(self):
        one = drawing([(200.0, 0.0)], [(1, 4)], shut=[4])

        assert speaking(one) == {"shut_off"}

    def test_a_piece_out_of_use_is_no_mistake(self):
        assert speaking(drawing([(300.0, 0.0), (400.0, 0.0)], [(4, 5)], unused=[4])) == set()

    def test_pipes_that_cross_without_a_node(self):
        one = drawing(links=[(0, 2), (1, 3)])

        assert speaking(one) == {"crossing"}
        (found,) = checks.crossings(one)
        assert {found.link, found.other_link} == {4, 5}
        assert (found.x, found.y) == pytest.approx((50.0, 50.0))

    def test_nodes_that_almost_touch(self):
        one = drawing([(100.3, 0.0), (200.0, 0.0)], [(4, 5)])

        assert speaking(one) == {"close", "no_source"}
        assert checks.close_nodes(one, least_m=0.01, most_m=0.5)[0].value == pytest.approx(0.3)

    def test_nodes_in_the_same_place(self):
        assert "same_place" in speaking(drawing([(100.0, 0.0), (200.0, 0.0)], [(4, 5)]))

    def test_an_end_beside_a_pipe(self):
        one = drawing([(50.0, 0.2), (50.0, 60.0)], [(4, 5)])

        assert speaking(one) == {"end_near", "no_source"}
        (found,) = checks.ends_near_pipes(one, within_m=0.5)
        assert (found.node, found.other_link) == (4, 0)
        assert found.value == pytest.approx(0.2)

    def test_a_pipe_drawn_twice(self):
        one = drawing(links=[(1, 0)])

        assert speaking(one) == {"duplicate"}

    def test_a_stated_length_far_from_the_drawn_one(self):
        one = drawing(length_m={1: 150.0})

        assert speaking(one) == {"length"}
        (found,) = checks.lengths_that_differ(one, by_frac=0.2, by_m=5.0)
        assert (found.value, found.expected) == pytest.approx((150.0, 100.0))

    def test_a_pipe_of_no_length(self):
        assert "no_length" in speaking(drawing(length_m={0: 0.0}))

    def test_a_pipe_of_unknown_width(self):
        assert speaking(drawing(diameter_mm={0: np.nan})) == {"no_diameter"}

    def test_a_sudden_change_of_width(self):
        one = drawing(diameter_mm={0: 400.0, 1: 400.0, 2: 400.0})

        assert speaking(one) == {"jump"}
        assert {found.link for found in checks.diameter_jumps(one, ratio=3.0)} == {3}


class TestValvesAgainstTheSource:
    def test_are_found_when_only_their_end_is_fed(self):
        one = drawing([(200.0, 0.0), (300.0, 0.0)], [(4, 1), (4, 5)], valves=[4])

        (found,) = checks.valves_against_the_source(one, directed=np.array([4]))

        assert found.link == 4

    def test_are_right_when_their_start_is_fed(self):
        one = drawing([(200.0, 0.0)], [(1, 4)], valves=[4])

        assert not checks.valves_against_the_source(one, directed=np.array([4]))

    def test_are_not_judged_when_both_sides_are_fed(self):
        assert not checks.valves_against_the_source(
            replace(drawing(valves=[1])), directed=np.array([1])
        )
