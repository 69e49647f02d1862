"""Importing files, assigning zones, setting attributes."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from huoshui.areas.network import contracts, facade, queries, refusals
from huoshui.areas.network.contracts import Attributes, Kind, Material, ZoneDeclaration
from huoshui.areas.network.models import Asset, NetworkFile
from huoshui.areas.network.tests.conftest import GRID

pytestmark = pytest.mark.django_db


def ground_m(one: contracts.Place, other: contracts.Place) -> float:
    """Distance on a sphere whose degree of latitude is 110.93 km, that of WGS 84 at 34.75°."""
    width = 91_555.0  # one degree of longitude at 34.75° on WGS 84, in metres
    return math.hypot((one[0] - other[0]) * width, (one[1] - other[1]) * 110_931.0)


class TestImportInp:
    def test_brings_in_the_whole_of_l_town(self, l_town):
        counts = queries.kind_counts()

        assert counts == {
            "junction": 782, "pipe": 905, "pump": 1, "reservoir": 2, "tank": 1, "valve": 3,
        }  # fmt: skip

    def test_puts_pipes_where_their_ends_are(self, l_town):
        # The file puts n62 at (724.95, 1097.08) and n61 at (725.87, 1121.15), 24.09 m apart, and
        # gives the pipe between them 26.93 m: the length is the file's, not the map's.
        pipe = facade.asset("p1")

        assert (pipe.start, pipe.end) == ("n62", "n61")
        assert pipe.length_m == pytest.approx(26.9292)
        assert ground_m(pipe.line[0], pipe.line[-1]) == pytest.approx(24.09, abs=0.05)

    def test_keeps_the_coordinates_of_the_file(self, l_town):
        assert Asset.objects.get(code="n1").surveyed == [[138.22, 1549.64]]

    def test_keeps_the_file_whole(self, l_town, examples: Path):
        raw = (examples / "L-TOWN.inp").read_bytes()

        assert facade.network_inp_text() == raw.decode()
        assert NetworkFile.objects.get().crs == GRID

    def test_tells_that_it_happened(self, l_town):
        from huoshui.kernel.audit.models import AuditRecord
        from huoshui.kernel.events.models import Event

        assert AuditRecord.objects.filter(action="network.import_network").count() == 1
        assert Event.objects.get().payload["nodes"] == 785

    def test_changes_nothing_the_second_time(self, l_town, examples: Path):
        facade.set_attributes({"p1": Attributes(laid_year=1998)}, by_id=None)
        before = set(Asset.objects.values_list("id", "code"))

        report = facade.import_inp(examples / "L-TOWN.inp", crs=GRID, by_id=None)

        assert (report.created, report.changed, report.unchanged) == (0, 0, 1694)
        assert set(Asset.objects.values_list("id", "code")) == before
        assert facade.asset("p1").laid_year == 1998

    def test_counts_what_another_file_does_not_mention(self, l_town, examples: Path):
        report = facade.import_inp(examples / "asce-tf-wdst/Net3.inp", crs=GRID, by_id=None)

        assert report.ok
        assert report.absent == 1694

    def test_renames_links_that_are_called_like_a_node(self, examples: Path):
        report = facade.import_inp(examples / "asce-tf-wdst/Net1.inp", crs=GRID, by_id=None)

        assert report.ok
        assert [problem.code for problem in report.problems] == ["code_twice"]
        assert facade.asset("10").kind == Kind.JUNCTION
        assert facade.asset("L-10").kind == Kind.PIPE

    @pytest.mark.parametrize(
        ("crs", "code"), [("EPSG:nowhere", "crs_unknown"), ("EPSG:4326", "outside_the_world")]
    )
    def test_refuses_coordinates_that_are_nowhere(self, examples: Path, crs: str, code: str):
        report = facade.import_inp(examples / "L-TOWN.inp", crs=crs, by_id=None)

        assert [problem.code for problem in report.problems if problem.fatal] == [code]
        assert not Asset.objects.exists()

    def test_reports_a_broken_file_and_writes_nothing(self, examples: Path):
        report = facade.import_inp(examples / "asce-tf-wdst/Net1broken.inp", crs=GRID, by_id=None)

        assert not report.ok
        left_out = [(one.code, one.subject, one.line) for one in report.problems if one.fatal]
        assert left_out == [("duplicate_code", "2", 24), ("duplicate_code", "2", 28)]
        assert not Asset.objects.exists()

    def test_reports_a_missing_file(self, tmp_path: Path):
        report = facade.import_inp(tmp_path / "nothing.inp", crs=GRID, by_id=None)

        assert [problem.code for problem in report.problems] == ["file_unreadable"]

    def test_does_not_make_a_pipe_of_a_node(self, l_town, tmp_path: Path):
        file = tmp_path / "swapped.inp"
        file.write_text("[RESERVOIRS]\n p1 5\n[JUNCTIONS]\n q 1\n[PIPES]\n z p1 q 1 1 1\n")

        report = facade.import_inp(file, crs=GRID, by_id=None)

        left_out = [(one.code, one.subject) for one in report.problems if one.fatal]
        assert left_out == [("code_taken", "p1"), ("end_left_out", "z")]
        assert facade.asset("p1").kind == Kind.PIPE


class TestAssignZones:
    def test_moves_assets_and_changes_the_map(self, l_town):
        before = queries.revision()
        facade.assign_zones(
            [
                ZoneDeclaration(code="AB", name="城区", assets=("n1", "n2", "p5")),
                ZoneDeclaration(code="AB1", name="城区一", assets=("n3",), parent="AB"),
            ],
            by_id=None,
        )
        facade.assign_zones([ZoneDeclaration(code="C", name="山区", assets=("n1",))], by_id=None)

        assert [(zone.code, zone.assets, zone.parent) for zone in facade.zones()] == [
            ("AB", 2, None), ("AB1", 1, "AB"), ("C", 1, None),
        ]  # fmt: skip
        assert facade.zone("AB").pipes_length_m == pytest.approx(23.7879)
        assert facade.asset("n1").zone == "C"
        assert queries.revision() != before

    def test_refuses_unknown_assets_and_changes_nothing(self, l_town):
        with pytest.raises(refusals.UnknownAssets) as refused:
            facade.assign_zones(
                [ZoneDeclaration(code="X", name="X", assets=("n1", "nowhere"))], by_id=None
            )

        assert refused.value.data == {"codes": ["nowhere"]}
        assert facade.zones() == []


class TestSetAttributes:
    def test_sets_many_at_once(self, l_town):
        pipes = facade.assets(kind="pipe")
        wanted = {
            pipe.code: Attributes(material=Material.DUCTILE_IRON, laid_year=2001) for pipe in pipes
        }

        assert facade.set_attributes(wanted, by_id=None) == 905
        assert facade.set_attributes(wanted, by_id=None) == 0
        assert facade.asset("p905").material == Material.DUCTILE_IRON

    def test_refuses_what_no_pipe_can_be(self, l_town):
        wrong = (Attributes(laid_year=1066), Attributes(laid_year=2999), Attributes(diameter_mm=0))
        for wanted in wrong:
            with pytest.raises(refusals.AttributesImpossible):
                facade.set_attributes({"p1": wanted}, by_id=None)

    def test_refuses_unknown_codes(self, l_town):
        with pytest.raises(refusals.UnknownAssets):
            facade.set_attributes({"p0": Attributes(laid_year=2000)}, by_id=None)
