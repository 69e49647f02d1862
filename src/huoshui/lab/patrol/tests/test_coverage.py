"""Which metres of a pipe were walked.

   track  . . . . .
pipe ----------------------------     everything solved by hand with Pythagoras
"""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
import shapely

from huoshui.lab.patrol import coverage as cover
from huoshui.lab.patrol import tracks

NEAR = 25.0
LIMITS = tracks.Limits(accuracy_m=50, jump_m=300, jump_s=600, speed_ms=50)


def walked(*places, at=None):
    xy = np.asarray(places, float).reshape(-1, 2)
    at_s = np.arange(len(xy)) * 100.0 if at is None else np.asarray(at, float)
    return tracks.legs(xy_m=xy, at_s=at_s, accuracy_m=np.full(len(xy), 5.0), limits=LIMITS)


def of_pipe(line, legs, near_m=NEAR, **rest):
    pipes = {"p": np.asarray(line, float)}
    return cover.coverage(pipes=pipes, legs=legs, near_m=near_m, **rest)["p"]


def near(*stretches):
    """Return stretches to compare with, to a millionth."""
    return pytest.approx(np.array(stretches, float))


STRAIGHT = [(0, 0), (300, 0)]


class TestCoverage:
    def test_beside_a_pipe_reaches_beyond_the_track_by_the_rest_of_the_distance(self):
        # Walked from x = 100 to 200, 15 m beside: at each end sqrt(25² - 15²) = 20 m more.
        found = of_pipe(STRAIGHT, walked((100, 15), (200, 15)))

        assert np.array(found.missed) == near((0, 80), (220, 300))
        assert found.covered_m == pytest.approx(140)
        assert found.length_m == pytest.approx(300)

    def test_across_a_pipe_counts_on_both_sides(self):
        found = of_pipe(STRAIGHT, walked((150, -80), (150, 80)))

        assert np.array(found.missed) == near((0, 125), (175, 300))

    def test_aslant_is_the_part_between_two_parallels(self):
        # At 45° the band of 2 x 25 m is 50 x sqrt(2) m long on the pipe.
        found = of_pipe(STRAIGHT, walked((50, -100), (250, 100)), near_m=25)

        half = 25 * math.sqrt(2)
        assert np.array(found.missed) == near((0, 150 - half), (150 + half, 300))

    def test_counts_exactly_so_near_and_not_a_centimetre_farther(self):
        legs = walked((0, 25), (150, 25), (300, 25))

        assert of_pipe(STRAIGHT, legs).missed == ()
        assert of_pipe([(0, -0.01), (300, -0.01)], legs).covered_m == 0

    def test_of_a_lonely_fix_is_a_disc(self):
        found = of_pipe(STRAIGHT, walked((150, 7)))

        assert found.covered_m == pytest.approx(48)  # 2 x sqrt(25² - 7²) = 2 x 24

    def test_goes_on_around_a_corner_of_the_pipe(self):
        # Walked along the first side and 50 m into the second: 100 + 50 + 25 m from the start.
        corner = [(0, 0), (100, 0), (100, 200)]
        found = of_pipe(corner, walked((0, 0), (100, 0), (100, 50)))

        assert found.length_m == pytest.approx(300)
        assert np.array(found.missed) == near((175, 300))

    def test_leaves_the_hole_of_a_pause_open(self):
        # The fixes at x = 100 and 200 are 2,000 s apart: nothing is known of the way between.
        legs = walked((0, 0), (100, 0), (200, 0), (300, 0), at=[0, 100, 2100, 2200])

        assert np.array(of_pipe(STRAIGHT, legs).missed) == near((125, 175))

    def test_forgives_a_piece_shorter_than_it_is_told_to(self):
        legs = walked((0, 0), (100, 0), (152, 0), (300, 0), at=[0, 100, 2100, 2200])

        assert np.array(of_pipe(STRAIGHT, legs).missed) == near((125, 127))
        assert of_pipe(STRAIGHT, legs, shortest_gap_m=3).missed == ()
        assert of_pipe(STRAIGHT, legs, shortest_gap_m=3).covered_m == pytest.approx(300)

    def test_of_no_walk_is_nothing(self):
        assert np.array(of_pipe(STRAIGHT, walked()).missed) == near((0, 300))

    def test_of_a_pipe_that_turns_on_the_spot_does_not_fail(self):
        found = of_pipe([(0, 0), (0, 0), (300, 0)], walked((0, 0), (150, 0), (300, 0)))

        assert (found.length_m, found.missed) == (300, ())

    def test_agrees_with_the_area_around_the_track_as_another_program_draws_it(self):
        # Shapely's buffer with 256 steps to the quarter is off by at most 25 x (1 - cos(0.18°)),
        # 0.1 mm across; where a pipe just grazes it, more along.
        dice = np.random.default_rng(7)
        pipes = {str(n): dice.uniform(0, 1000, (4, 2)) for n in range(40)}
        legs = walked(*np.cumsum(dice.normal(0, 60, (80, 2)), axis=0) % 1000)
        drawn = shapely.unary_union(
            [
                shapely.LineString([one, two]).buffer(NEAR, quad_segs=256)
                for one, two in zip(legs.from_xy_m, legs.to_xy_m, strict=True)
            ]
        )

        found = cover.coverage(pipes=pipes, legs=legs, near_m=NEAR)

        for code, line in pipes.items():
            expected = shapely.LineString(line).intersection(drawn).length
            assert found[code].covered_m == pytest.approx(expected, abs=0.5)
        assert sum(one.covered_m for one in found.values()) > 1000

    def test_turns_round_with_the_pipe(self):
        legs = walked((100, 15), (200, 15))
        there, back = of_pipe(STRAIGHT, legs), of_pipe(STRAIGHT[::-1], legs)

        assert there.covered_m == pytest.approx(back.covered_m)
        turned = [(300 - end, 300 - begin) for begin, end in reversed(there.missed)]
        assert np.array(back.missed) == near(*turned)

    @pytest.mark.parametrize("line", [[(0, 0)], [(0, 0), (math.nan, 1)]])
    def test_refuses_a_pipe_without_a_course(self, line):
        with pytest.raises(ValueError, match="pipe p"):
            of_pipe(line, walked((0, 0)))

    def test_refuses_a_distance_that_is_none(self):
        with pytest.raises(ValueError, match="near_m"):
            of_pipe(STRAIGHT, walked((0, 0)), near_m=0)

    def test_of_twenty_kilometres_and_six_hours_takes_less_than_a_second(self):
        # 400 pipes of 50 m in a grid; a fix each second at 1 m/s, up and down its streets.
        pipes = {
            f"{row}-{n}": np.array([(n * 50.0, row * 100.0), (n * 50.0 + 50, row * 100.0)])
            for row in range(20)
            for n in range(20)
        }
        seconds = np.arange(6 * 3600)
        row, along = seconds // 1080 % 20, seconds % 1080
        xy = np.column_stack([np.where(row % 2, 1000 - along, along), row * 100.0 + 3])
        began = time.perf_counter()
        legs = tracks.legs(
            xy_m=xy, at_s=seconds.astype(float), accuracy_m=np.full(len(xy), 5.0), limits=LIMITS
        )
        found = cover.coverage(pipes=pipes, legs=legs, near_m=NEAR)

        assert time.perf_counter() - began < 1.0
        assert sum(one.length_m for one in found.values()) == pytest.approx(20_000)
        assert sum(one.covered_m for one in found.values()) == pytest.approx(20_000)


class TestMissedByAll:
    def test_is_what_no_walk_saw(self):
        first, second = [(0.0, 50.0), (80.0, 120.0)], [(40.0, 100.0)]

        assert cover.missed_by_all([first, second]) == ((40.0, 50.0), (80.0, 100.0))

    def test_of_one_walk_is_what_it_left_out(self):
        assert cover.missed_by_all([[(1.0, 2.0)]]) == ((1.0, 2.0),)

    def test_of_a_whole_walk_is_nothing(self):
        assert cover.missed_by_all([[(0.0, 50.0)], []]) == ()

    def test_is_the_same_as_walking_both_at_once(self):
        first, second = walked((0, 0), (90, 0)), walked((170, 0), (300, 0))
        both = walked((0, 0), (90, 0), (170, 0), (300, 0), at=[0, 100, 5000, 5100])

        apart = [of_pipe(STRAIGHT, one).missed for one in (first, second)]

        assert np.array(cover.missed_by_all(apart)) == near(*of_pipe(STRAIGHT, both).missed)

    def test_refuses_to_say_what_nobody_walked(self):
        with pytest.raises(ValueError, match="no walk"):
            cover.missed_by_all([])


class TestPieceOf:
    def test_follows_the_corners_between_its_ends(self):
        corner = np.array([(0.0, 0), (100, 0), (100, 200)])

        piece = cover.piece_of(corner, from_m=80, to_m=150)

        assert piece.tolist() == [[80, 0], [100, 0], [100, 50]]
