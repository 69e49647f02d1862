"""The import as command and page know it: facts, differences, the good part, a second time."""

from __future__ import annotations

from pathlib import Path

import pytest

from huoshui.areas.network import facade
from huoshui.areas.network.importing import declared, problems
from huoshui.areas.network.importing.tests import corpus
from huoshui.areas.network.importing.tests.test_gis import town
from huoshui.areas.network.importing.tests.test_inp import TWO_PIPES
from huoshui.areas.network.models import Asset, AssetVersion, NetworkFile, Zone
from huoshui.kernel.intake import kinds
from huoshui.lab.hydraulics import epanet

ORIGIN = {"origin": "113.6,34.75"}
BAD_PIPE = TWO_PIPES.replace("[OPTIONS]", " p3 A Nowhere 5 100 100\n[OPTIONS]")


@pytest.fixture
def two_pipes(tmp_path: Path) -> Path:
    path = tmp_path / "two.inp"
    path.write_text(TWO_PIPES)
    return path


def bring(path: Path, **said: str) -> kinds.Outcome:
    return declared.carry_out(path, path.name, said, None)


def codes(outcome: kinds.Outcome) -> list[str]:
    return [one.code for one in outcome.problems]


@pytest.mark.django_db
class TestCheck:
    def test_writes_nothing(self, two_pipes: Path):
        outcome = declared.check(two_pipes, "two.inp", ORIGIN)

        assert (outcome.created, outcome.problems.fatal) == (5, False)
        assert not Asset.objects.exists()

    @pytest.mark.parametrize(
        ("said", "code"),
        [
            ({"offset": "far away"}, "network.option_not_understood"),
            ({"layers": "A=street"}, "network.option_not_understood"),
            ({"tolerance": "-1"}, "network.option_not_understood"),
            ({"crs": "local"}, "network.origin_needed"),
            ({"crs": "EPSG:nowhere"}, "network.crs_unknown"),
            ({"crs": "GCJ-02"}, "network.crs_shifted"),
            ({}, "network.crs_needed"),
        ],
    )
    def test_says_which_answer_is_not_understood(self, two_pipes: Path, said: dict, code: str):
        outcome = declared.check(two_pipes, "two.inp", said)

        assert outcome.problems.fatal
        assert code in codes(outcome)


@pytest.mark.django_db
class TestCarryOut:
    def test_a_second_time_changes_nothing(self, two_pipes: Path):
        first, second = bring(two_pipes, **ORIGIN), bring(two_pipes, **ORIGIN)

        assert (first.created, second.created, second.changed, second.unchanged) == (5, 0, 0, 5)
        assert NetworkFile.objects.count() == 1

    def test_shows_old_and_new_and_keeps_the_old(self, two_pipes: Path):
        bring(two_pipes, **ORIGIN)
        two_pipes.write_text(TWO_PIPES.replace("200  200  120", "200  250  120"))
        outcome = bring(two_pipes, **ORIGIN)

        told = [(one.subject, str(one.what), one.before, one.after) for one in outcome.differences]
        assert told == [("p2", str(declared.attributes.BY_CODE["diameter_mm"].label), "200", "250")]
        version = AssetVersion.objects.get()
        assert (version.before, version.after) == ({"diameter_mm": 200}, {"diameter_mm": 250})
        assert facade.asset("p2").diameter_mm == 250

    def test_takes_the_good_part_and_a_model_that_calculates(self, two_pipes: Path):
        two_pipes.write_text(BAD_PIPE)
        outcome = bring(two_pipes, **ORIGIN)

        assert (outcome.created, outcome.left_out) == (5, 1)
        problem = next(one for one in outcome.problems if one.subject == "p3")
        assert (problem.code, problem.value) == ("network.undefined_node", "Nowhere")
        assert problem.line == 10
        mended = [(one.subject, one.after) for one in outcome.differences]
        assert mended == [("10", ";left out (undefined_node):  p3 A Nowhere 5 100 100")]
        with epanet.EpanetProject(facade.network_inp_text() or "") as project:
            assert set(project.link_ids) == {"p1", "p2"}

    def test_takes_all_or_nothing_where_that_is_wanted(self, two_pipes: Path):
        two_pipes.write_text(BAD_PIPE)
        outcome = bring(two_pipes, **ORIGIN, strict="yes")

        assert outcome.problems.fatal
        assert codes(outcome)[0] == "network.not_all_good"
        assert not Asset.objects.exists()

    def test_brings_back_what_was_retired(self, two_pipes: Path):
        from huoshui.kernel import clock

        bring(two_pipes, **ORIGIN)
        Asset.objects.filter(code="p2").update(retired_at=clock.now())
        outcome = bring(two_pipes, **ORIGIN)

        assert outcome.changed == 1
        assert Asset.objects.get(code="p2").retired_at is None

    def test_takes_zones_materials_and_years_of_a_gis_file(self, tmp_path: Path):
        path = town(tmp_path / "town.gpkg")
        outcome = bring(path)

        pipe = facade.asset("P1")
        assert (pipe.zone, pipe.material, pipe.laid_year) == ("一区", "ductile_iron", 1998)
        assert Zone.objects.get().name == "一区"
        assert facade.asset("W1").elevation_m == 88.5
        again = bring(path)
        assert (again.created, again.changed, again.unchanged) == (0, 0, outcome.created)

    def test_an_empty_cell_wipes_nothing_out(self, tmp_path: Path):
        path = town(tmp_path / "town.gpkg")
        bring(path)
        Asset.objects.filter(code="P4").update(diameter_mm=150.0, material="steel")
        outcome = bring(path)

        assert outcome.changed == 0
        assert facade.asset("P4").diameter_mm == 150.0

    def test_a_model_stays_when_a_gis_file_comes(self, two_pipes: Path, tmp_path: Path):
        bring(two_pipes, **ORIGIN)
        bring(town(tmp_path / "town.gpkg"))

        assert facade.network_inp_text() == TWO_PIPES

    def test_refuses_a_place_far_from_the_register(self, two_pipes: Path):
        bring(two_pipes, **ORIGIN)
        outcome = bring(two_pipes, origin="121.4,31.2")

        assert "network.far_from_register" in codes(outcome)
        assert outcome.problems.fatal
        assert not bring(two_pipes, origin="121.4,31.2", anywhere="yes").problems.fatal


class TestTable:
    def test_explains_every_code_that_readers_use(self):
        folder = Path(declared.__file__).parent
        source = "".join(path.read_text() for path in folder.glob("*.py"))

        assert [code for code in problems.TABLE if f'"{code}"' not in source] == []
        assert all(one.words for one in problems.TABLE.values())

    def test_the_corpus_is_there(self):
        # 46 files in epyt 2.3.5 and 39 in wntr 1.5.0.
        assert len(corpus.files()) == 85
