"""What coordinates mean: recognised where that is safe, refused where it is not."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest

from huoshui.areas.network.importing import coordinates
from huoshui.areas.network.importing.coordinates import Placement

ZHENGZHOU = (113.62, 34.75)


def in_system(crs: str) -> np.ndarray:
    """Return places around Zhengzhou in a system, by PROJ."""
    to = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    lon, lat = ZHENGZHOU
    return np.column_stack(to.transform([lon, lon + 0.01, lon - 0.01], [lat, lat + 0.01, lat]))


class TestGuess:
    @pytest.mark.parametrize("crs", ["EPSG:4526", "EPSG:4497", "EPSG:4326"])
    def test_recognises_zones_and_degrees(self, crs: str):
        found, code = coordinates.guess(in_system(crs))

        assert code == "crs_guessed"
        lon, lat = pyproj.Transformer.from_crs(found, "EPSG:4326", always_xy=True).transform(
            *in_system(crs)[0]
        )
        assert (lon, lat) == pytest.approx(ZHENGZHOU, abs=1e-5)

    @pytest.mark.parametrize(
        ("points", "code"),
        [
            (in_system("EPSG:4547"), "meridian_needed"),
            (in_system("EPSG:4526")[:, ::-1], "axes_swapped"),
            (in_system("EPSG:4326")[:, ::-1], "axes_swapped"),
            (np.array([[724.95, 1097.08], [725.87, 1121.15]]), "crs_needed"),
            (np.array([[np.nan, np.nan]]), "crs_needed"),
        ],
    )
    def test_refuses_what_could_be_wrong(self, points: np.ndarray, code: str):
        assert coordinates.guess(points) == ("", code)

    def test_knows_the_numbers_of_all_zones(self):
        # EPSG's own names: zone 25 is 4513, zone 45 is 4533; the meridian 114E is 4547.
        for zone, number in coordinates.THREE_DEGREE_ZONES.items():
            assert pyproj.CRS.from_epsg(number).name.endswith(f"Gauss-Kruger zone {zone}")
        for zone, number in coordinates.SIX_DEGREE_ZONES.items():
            assert pyproj.CRS.from_epsg(number).name.endswith(f"Gauss-Kruger zone {zone}")
        for meridian, number in coordinates.THREE_DEGREE_MERIDIANS.items():
            assert pyproj.CRS.from_epsg(number).name.endswith(f"CM {meridian}E")


class TestPlacement:
    def test_turns_then_shifts(self):
        # A quarter turn anticlockwise takes east to north.
        placed = Placement(rotation_deg=90.0, offset_e_m=1000.0, offset_n_m=2000.0)

        assert placed.moved(np.array([[10.0, 0.0]]))[0] == pytest.approx([1000.0, 2010.0])

    def test_reads_a_local_grid_with_offsets(self):
        whole = in_system("EPSG:4547")
        local = whole - [400_000.0, 3_800_000.0]
        placed = Placement(crs="EPSG:4547", offset_e_m=400_000.0, offset_n_m=3_800_000.0)
        lonlat, problems = coordinates.lonlat_of(placed, placed.crs, local)

        assert problems == []
        assert lonlat[0] == pytest.approx(ZHENGZHOU, abs=1e-6)


class TestSanity:
    def test_says_that_a_network_is_elsewhere(self):
        there = np.array([[2.35, 48.85], [2.36, 48.86]])
        register = (113.5, 34.6, 113.8, 34.9)
        found = coordinates.sanity(there, register=register, anywhere=False)

        assert {one.code: one.fatal for one in found} == {
            "outside_the_country": False, "far_from_register": True,
        }  # fmt: skip
        assert coordinates.sanity(there, register=register, anywhere=True) == []

    def test_says_that_points_are_scattered(self):
        wide = np.array([[113.0, 34.0], [113.1, 34.1], [117.0, 34.0], [116.0, 35.0]])
        found = coordinates.sanity(wide, register=None, anywhere=False)

        assert [one.code for one in found] == ["too_wide"]
