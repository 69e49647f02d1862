"""Ways along a graph, on the equator, where a thousandth of a degree is 111.195 m.

a ---- b ---- c          x: 0, 10, 20 thousandths
       |
       d ---- e          y: -10
"""

from __future__ import annotations

import random

import numpy as np
import pytest

from huoshui.lab.planning import driving, rechecking, roads, travel

M = 111.19508
"""Metres in a thousandth of a degree: 2 pi R / 360 000."""
FACTOR = travel.DETOUR_FACTOR
LINES = (
    ([(0, 0), (10, 0), (20, 0)], 36.0, False),
    ([(10, 0), (10, -10), (20, -10)], 18.0, False),
)


def graph(lines=LINES):
    bends = np.array([spot for course, _speed, _one_way in lines for spot in course], float) / 1000
    offsets = np.cumsum([0, *(len(course) for course, _speed, _one_way in lines)])
    return roads.of_lines(
        lon=bends[:, 0],
        lat=bends[:, 1],
        offsets=offsets,
        speed_kmh=np.array([speed for _course, speed, _one_way in lines]),
        one_way=np.array([one_way for _course, _speed, one_way in lines]),
    )


def ways(*places, lines=LINES, **more):
    spots = np.array(places, float) / 1000
    return driving.along(graph(lines), spots[:, 0], spots[:, 1], off_speed_kmh=18.0, **more)


class TestOfLines:
    def test_cuts_lines_where_another_one_meets_them(self):
        found = graph()

        # a-b, b-c and b-d-e: the bend d belongs to one line only.
        assert (found.nodes, len(found.length_m)) == (4, 3)
        assert found.length_m == pytest.approx([10 * M, 10 * M, 20 * M], rel=1e-6)

    def test_lets_lines_that_only_cross_pass_each_other(self):
        found = graph([([(0, 0), (10, 0)], 36.0, False), ([(5, -5), (5, 5)], 36.0, False)])

        assert (found.nodes, len(found.length_m)) == (4, 2)

    def test_refuses_a_line_of_one_bend_and_a_speed_of_zero(self):
        with pytest.raises(ValueError, match="two bends"):
            graph([([(0, 0)], 36.0, False)])
        with pytest.raises(ValueError, match="greater than zero"):
            graph([([(0, 0), (1, 0)], 0.0, False)])


class TestSnap:
    def test_finds_the_foot_on_a_piece_beyond_a_bend(self):
        found = graph().snap(np.array([0.015]), np.array([-0.012]))

        # The line b-d-e is met 5 thousandths after its bend d, 2 thousandths away.
        assert found.along_m[0] == pytest.approx(15 * M, rel=1e-6)
        assert found.off_m[0] == pytest.approx(2 * M, rel=1e-6)


class TestAlong:
    def test_drives_the_edges_at_their_speeds(self):
        found = ways((0, 0), (20, -10))

        # a-b at 10 m/s, b-d-e at 5 m/s; both ways alike.
        assert found.time_s[0, 1] == pytest.approx(10 * M / 10 + 20 * M / 5, rel=1e-6)
        assert found.way_m[0, 1] == pytest.approx(30 * M, rel=1e-6)
        assert found.time_s[1, 0] == pytest.approx(found.time_s[0, 1])
        assert not found.by_line.any()

    def test_counts_the_way_from_a_place_to_the_graph_with_the_factor(self):
        found = ways((2, 1), (8, 0))

        assert found.way_m[0, 1] == pytest.approx((FACTOR + 6) * M, rel=1e-6)
        assert found.time_s[0, 1] == pytest.approx(FACTOR * M / 5 + 6 * M / 10, rel=1e-6)

    def test_takes_the_straight_line_between_places_nearer_to_each_other_than_to_it(self):
        found = ways((5, 30), (6, 30))

        assert found.by_line[0, 1]
        assert found.way_m[0, 1] == pytest.approx(FACTOR * M, rel=1e-4)

    def test_joins_pieces_that_nothing_connects_by_the_straight_line(self):
        island = ([(100, 0), (110, 0)], 36.0, False)
        found = ways((0, 0), (100, 0), (110, 0), lines=(*LINES, island))

        assert found.by_line[0, 1]
        assert not found.by_line[1, 2]
        assert found.way_m[0, 1] == pytest.approx(100 * FACTOR * M, rel=1e-6)
        assert found.time_s[0, 1] == pytest.approx(100 * FACTOR * M / 5, rel=1e-6)

    def test_never_drives_against_a_one_way_road(self):
        ring = (
            ([(0, 0), (10, 0)], 36.0, True),
            ([(10, 0), (10, 10), (0, 10), (0, 0)], 36.0, True),
        )
        found = ways((2, 0), (8, 0), lines=ring)

        assert found.way_m[0, 1] == pytest.approx(6 * M, rel=1e-4)
        # Back all the way round: 2 + 30 + 2.
        assert found.way_m[1, 0] == pytest.approx(34 * M, rel=1e-4)

    @pytest.mark.parametrize("turned", [False, True])
    def test_stands_at_the_junction_where_a_one_way_road_ends_or_begins(self, turned):
        course = [(0, 0), (10, 0)]
        lines = (
            (course[::-1] if turned else course, 36.0, True),
            ([(10, 0), (10, 10)], 36.0, False),
        )

        # Nearest to the first place is the corner, which both roads have.
        found = ways((11, -1), (10, 8), lines=lines)
        other = ways((11, -1), (10, 8), lines=lines[::-1])

        assert found.way_m[0, 1] == pytest.approx((8 + 2**0.5 * FACTOR) * M, rel=1e-4)
        assert found.way_m[1, 0] == pytest.approx(found.way_m[0, 1], rel=1e-4)
        assert other.way_m == pytest.approx(found.way_m, rel=1e-4)

    def test_takes_the_quicker_way_though_it_is_longer(self):
        lines = (
            ([(0, 0), (10, 0)], 6.0, False),
            ([(0, 0), (0, 5), (10, 5), (10, 0)], 60.0, False),
        )
        found = ways((0, 0), (10, 0), lines=lines)

        assert found.way_m[0, 1] == pytest.approx(20 * M, rel=1e-6)

    def test_leaves_pipes_for_the_straight_line_where_they_lead_far_round(self):
        lines = (([(0, 0), (0, 40), (2, 40), (2, 0)], 18.0, False),)
        places = (0, 0), (2, 0)

        assert ways(*places, lines=lines).way_m[0, 1] == pytest.approx(82 * M, rel=1e-4)
        by_pipe = ways(*places, lines=lines, never_slower_than_line=True)
        assert by_pipe.by_line[0, 1]
        assert by_pipe.way_m[0, 1] == pytest.approx(2 * FACTOR * M, rel=1e-6)

    def test_answers_for_no_places_and_for_no_graph(self):
        assert driving.along(graph(), np.array([]), np.array([]), off_speed_kmh=25).time_s.size == 0

    def test_splits_its_work_without_changing_the_answer(self, monkeypatch):
        places = [(x, y) for x in (0, 7, 20) for y in (0, -4, -10)]
        whole = ways(*places)

        monkeypatch.setattr(driving, "AT_ONCE_CELLS", 1)

        assert np.array_equal(ways(*places).time_s, whole.time_s)


def town(seed):
    """Return a street grid with missing streets, one-way ones and three speeds, and places."""
    dice = random.Random(seed)
    lines = []
    for x in range(7):
        for y in range(7):
            for to in ((x + 1, y), (x, y + 1)):
                if max(to) < 7 and dice.random() > 0.15:
                    bend = ((x + to[0]) * 2 + dice.uniform(-1, 1), (y + to[1]) * 2)
                    course = [(x * 4, y * 4), bend, (to[0] * 4, to[1] * 4)]
                    lines.append((course, dice.choice((20.0, 30.0, 40.0)), dice.random() < 0.2))
    places = [(dice.uniform(-3, 27), dice.uniform(-3, 27)) for _ in range(25)]
    return lines, places


class TestRechecking:
    @pytest.mark.parametrize("seed", range(5))
    @pytest.mark.parametrize("never_slower", [False, True])
    def test_finds_the_same_times_by_another_program(self, seed, never_slower):
        lines, places = town(seed)
        found = ways(*places, lines=lines, never_slower_than_line=never_slower)
        everything = [(i, j) for i in range(len(places)) for j in range(len(places))]

        again = rechecking.table_s(
            [([(x / 1000, y / 1000) for x, y in course], *rest) for course, *rest in lines],
            [(x / 1000, y / 1000) for x, y in places],
            everything,
            off_speed_kmh=18.0,
            factor=FACTOR,
            never_slower_than_line=never_slower,
        )

        assert found.time_s == pytest.approx(again, rel=1e-5, abs=0.02)
