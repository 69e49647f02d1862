"""The great city, made small: it comes in from both of its files, whole and the same each time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from huoshui.areas.network import facade as network
from huoshui.democity.worlds import big
from huoshui.kernel.intake import kinds
from huoshui.lab.hydraulics import epanet

PIPES = 1200


@pytest.fixture(scope="module")
def city() -> big.City:
    return big.build(PIPES)


class TestBuild:
    def test_has_the_pipes_valves_and_customers_that_were_asked_for(self, city: big.City):
        assert len(city.pipe_code) == PIPES
        assert len(city.valve_code) == PIPES // 40
        assert len(city.customers) == PIPES // 2

    def test_is_the_same_each_time(self, city: big.City):
        again = big.build(PIPES)

        assert np.array_equal(again.xy, city.xy)
        assert again.pipe_code.tolist() == city.pipe_code.tolist()

    def test_lies_on_thirty_five_kilometres(self, city: big.City):
        wide, high = city.xy.max(axis=0) - city.xy.min(axis=0)

        assert 30_000 < wide < 37_000
        assert 30_000 < high < 37_000


@pytest.mark.django_db
class TestFiles:
    def test_comes_in_from_the_survey_office(self, city: big.City, tmp_path: Path):
        path = tmp_path / "big.gpkg"
        big.write_gpkg(city, path)
        outcome = kinds.KINDS["network"].carry_out(path, path.name, {}, None)

        assert outcome.left_out == 0
        assert [one.code for one in outcome.problems] == ["network.crs_of_file"]
        assert len(network.assets(kind="pipe")) == PIPES
        assert len(network.assets(kind="valve")) == PIPES // 40
        pipe = network.asset("P1")
        assert pipe is not None
        assert pipe.diameter_mm == city.diameter_mm[0]
        assert pipe.zone == city.node_zone[city.start[0]]

    def test_is_a_model_that_the_engine_opens(self, city: big.City, tmp_path: Path):
        path = tmp_path / "big.inp"
        big.write_inp(city, path)

        with epanet.EpanetProject.from_path(path) as project:
            assert len(project.link_ids) == PIPES + PIPES // 40
            used_m3 = city.customer_use_m3.sum()
            demand = sum(base for one in project.base_demands_m3s().values() for base, _ in one)
        assert demand * 365 * 86_400 == pytest.approx(used_m3, rel=1e-2)

    def test_writes_three_files_with_every_customer(self, tmp_path: Path):
        big.write_all(tmp_path, PIPES)
        path = tmp_path / "big-customers.csv"

        assert (tmp_path / "big.gpkg").stat().st_size > (tmp_path / "big.inp").stat().st_size > 0
        assert len(path.read_text(encoding="utf-8-sig").splitlines()) == PIPES // 2 + 1
