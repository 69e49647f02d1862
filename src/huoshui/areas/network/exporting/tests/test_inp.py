"""Models given out: the same heads as the file that came in, and what changed since put in."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from epanet import toolkit

from huoshui.areas.network.actions import exporting, importing
from huoshui.areas.network.contracts import Attributes
from huoshui.areas.network.importing import inp as reader
from huoshui.areas.network.importing.coordinates import Placement
from huoshui.areas.network.importing.source import Options
from huoshui.areas.network.importing.tests import corpus
from huoshui.areas.network.importing.tests.test_inp import TWO_PIPES
from huoshui.areas.network.models import Asset, NetworkFile
from huoshui.kernel import clock

FILES = corpus.files()
GRID = "+proj=tmerc +lat_0=34.75 +lon_0=113.6 +k=1 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs"
MILLIMETRE = 0.001
REFERENCE = {
    "Net1": "epyt/networks/asce-tf-wdst/Net1.inp",
    "Net3": "epyt/networks/asce-tf-wdst/Net3.inp",
    "L-Town": "epyt/networks/L-TOWN.inp",
    "ky10": "epyt/networks/asce-tf-wdst/ky10.inp",
    "Balerma": "epyt/networks/asce-tf-wdst/Balerma.inp",
    "BWSN_Network_2": "epyt/networks/asce-tf-wdst/BWSN_Network_2.inp",
}


def heads_m(path: Path, folder: Path, hours: int = 24) -> dict[str, np.ndarray]:
    """Return each node's heads at every hour as EPANET 2.3 calculates them."""
    # EPANET warns of negative pressures in ky10; the comparison is of heads, whatever they are.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _heads_m(path, folder, hours)


def _heads_m(path: Path, folder: Path, hours: int) -> dict[str, np.ndarray]:
    project = toolkit.createproject()
    try:
        toolkit.openX(project, str(path), str(folder / "report.txt"), "")
        metre = 1.0 if toolkit.getflowunits(project) >= toolkit.LPS else 0.3048
        for what, value in (
            (toolkit.DURATION, hours * 3600), (toolkit.HYDSTEP, 3600), (toolkit.REPORTSTEP, 3600),
        ):  # fmt: skip
            toolkit.settimeparam(project, what, value)
        nodes = range(1, toolkit.getcount(project, toolkit.NODECOUNT) + 1)
        names = [toolkit.getnodeid(project, node) for node in nodes]
        toolkit.openH(project)
        toolkit.initH(project, 0)
        found = []
        step = 1
        while step > 0:
            at = toolkit.runH(project)
            if at % 3600 == 0:
                found.append([toolkit.getnodevalue(project, one, toolkit.HEAD) for one in nodes])
            step = toolkit.nextH(project)
        toolkit.closeH(project)
    finally:
        toolkit.deleteproject(project)
    columns = np.array(found).T * metre
    return dict(zip(names, columns, strict=True))


def bring(path: Path) -> importing.Import:
    options = Options(placement=Placement(crs=GRID, anywhere=True))
    found = importing.check_network(path, file_name=path.name, options=options)
    assert importing.apply_network(found, by_id=None, only_good=False).ok
    return found


def take(path: Path, form: str = "inp") -> dict[str, int]:
    return exporting.export_network(path, form, by_id=None).assumed


def largest_difference_m(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> float:
    assert one.keys() == other.keys()
    return max(float(np.abs(one[name] - other[name]).max()) for name in one)


@pytest.mark.django_db
class TestWrite:
    @pytest.mark.parametrize("name", REFERENCE)
    def test_gives_the_heads_of_the_file_that_came_in(self, name: str, tmp_path: Path):
        original, out, again = FILES[REFERENCE[name]], tmp_path / "o.inp", tmp_path / "a.inp"
        bring(original)
        take(out)
        NetworkFile.objects.all().delete()
        Asset.objects.links().delete()
        Asset.objects.all().delete()
        bring(out)
        take(again)

        before = heads_m(original, tmp_path)
        assert largest_difference_m(before, heads_m(out, tmp_path)) < MILLIMETRE
        assert largest_difference_m(before, heads_m(again, tmp_path)) < MILLIMETRE
        assert len(next(iter(before.values()))) >= 24

    def test_writes_a_changed_diameter_as_the_engine_would(self, tmp_path: Path):
        # Set in EPANET itself: pipe 10 of Net1, 18 in in the file, made 400 mm.
        original, out = FILES[REFERENCE["Net1"]], tmp_path / "out.inp"
        bring(original)
        row = Asset.objects.get(code="L-10")
        row.diameter_mm = 400.0
        row.save()
        take(out)

        expected = tmp_path / "expected.inp"
        project = toolkit.createproject()
        toolkit.openX(project, str(original), str(tmp_path / "r.txt"), "")
        toolkit.setlinkvalue(
            project, toolkit.getlinkindex(project, "10"), toolkit.DIAMETER, 400 / 25.4
        )
        toolkit.saveinpfile(project, str(expected))
        toolkit.deleteproject(project)
        now = heads_m(out, tmp_path)
        assert largest_difference_m(now, heads_m(expected, tmp_path)) < MILLIMETRE
        assert largest_difference_m(now, heads_m(original, tmp_path)) > 10 * MILLIMETRE

    def test_leaves_every_other_byte_as_it_was(self, tmp_path: Path):
        source, out = tmp_path / "two.inp", tmp_path / "out.inp"
        source.write_text(TWO_PIPES)
        bring(source)
        Asset.objects.filter(code="p2").update(length_m=250.0)
        take(out)

        assert out.read_text() == TWO_PIPES.replace("A  B  200  200", "A  B  250  200")

    def test_takes_out_what_was_retired_and_all_that_names_it(self, tmp_path: Path):
        source, out = tmp_path / "two.inp", tmp_path / "out.inp"
        source.write_text(
            TWO_PIPES + "[DEMANDS]\n B 3\n[STATUS]\n p2 Open\n[CONTROLS]\n"
            " LINK p2 CLOSED IF NODE B ABOVE 20\n"
        )
        bring(source)
        Asset.objects.filter(code__in=("p2", "B")).update(retired_at=clock.now())
        take(out)

        assert list(heads_m(out, tmp_path)) == ["A", "R"]
        assert out.read_text().count(";no longer in use") == 8

    def test_adds_what_is_new_at_its_place(self, tmp_path: Path):
        source, out = tmp_path / "two.inp", tmp_path / "out.inp"
        source.write_text(TWO_PIPES)
        bring(source)
        b = Asset.objects.get(code="B")
        new = Asset.objects.create(
            code="新 节点", kind="junction", lon=b.lon + 0.001, lat=b.lat, elevation_m=9.0
        )
        Asset.objects.create(
            code="p3", kind="pipe", start=b, end=new, length_m=91.0, diameter_mm=100.0,
            roughness_c=110.0, line=[[b.lon, b.lat], [new.lon, new.lat]],
        )  # fmt: skip
        take(out)

        network = reader.read(out.read_bytes())
        node = next(one for one in network.nodes if one.model_id.startswith("新"))
        pipe = next(one for one in network.links if one.model_id == "p3")
        assert (pipe.start, pipe.end) == ("B", node.model_id)
        assert pipe.values["length_m"] == 91.0
        # A thousandth of a degree of longitude at 34.75 degrees north is 91.6 m.
        assert node.place == pytest.approx((300 + 91.6, 0), abs=0.2)
        assert node.model_id in heads_m(out, tmp_path)

    def test_makes_a_model_where_none_was_kept(self, tmp_path: Path):
        out, plain = tmp_path / "out.inp", tmp_path / "plain.inp"
        bring(FILES[REFERENCE["L-Town"]])
        NetworkFile.objects.all().delete()
        assumed = take(plain)
        take(out)

        network = reader.read(plain.read_bytes())
        assert (len(network.nodes), len(network.links)) == (785, 909)
        pipe = next(one for one in network.links if one.model_id == "p1")
        assert pipe.values["length_m"] == pytest.approx(26.9292, abs=1e-4)
        assert assumed["rated_power_kw"] == 1
        assert len(heads_m(plain, tmp_path)) == 785


@pytest.mark.django_db
class TestGis:
    @pytest.mark.parametrize("form", ["gpkg", "geojson"])
    def test_comes_back_without_a_change(self, form: str, tmp_path: Path):
        from huoshui.areas.network import facade

        out = tmp_path / f"network.{form}"
        bring(FILES[REFERENCE["L-Town"]])
        facade.set_attributes({"p1": Attributes(laid_year=1998)}, by_id=None)
        take(out, form)

        found = importing.check_network(out, file_name=out.name, options=Options())
        assert [one for one in found.network.problems if one.fatal] == []
        assert (found.plan.new, found.plan.changed) == ([], [])
        assert found.plan.unchanged == 1694

    def test_makes_the_same_network_in_an_empty_register(self, tmp_path: Path):
        from huoshui.areas.network import facade

        out = tmp_path / "network.gpkg"
        bring(FILES[REFERENCE["L-Town"]])
        before = {one.code: one for one in facade.assets()}
        take(out, "gpkg")
        Asset.objects.links().delete()
        Asset.objects.all().delete()
        found = importing.check_network(out, file_name=out.name, options=Options())
        assert importing.apply_network(found, by_id=None, only_good=False).ok

        after = {one.code: one for one in facade.assets()}
        assert after.keys() == before.keys()
        for code, one in after.items():
            old = before[code]
            assert (one.kind, one.start, one.end) == (old.kind, old.start, old.end)
            assert one.length_m == old.length_m
            assert one.diameter_mm == old.diameter_mm
            assert np.allclose(one.line, old.line, atol=1e-7)
