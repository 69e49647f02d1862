"""Models given out after people changed the network: drawn where it is, calculated as before."""

from __future__ import annotations

from pathlib import Path

import pytest
from epanet import toolkit

from huoshui.areas.network import facade
from huoshui.areas.network.actions import exporting, importing
from huoshui.areas.network.contracts import ChangeDeed, TraceDirection
from huoshui.areas.network.exporting.tests.test_inp import (
    MILLIMETRE,
    heads_m,
    largest_difference_m,
)
from huoshui.areas.network.importing import inp as reader
from huoshui.areas.network.importing.coordinates import Placement
from huoshui.areas.network.importing.source import Options
from huoshui.areas.network.importing.tests.test_inp import TWO_PIPES
from huoshui.areas.network.models import Asset, NetworkFile
from huoshui.kernel import clock

# A local grid of a works: north before east, turned, its origin in the national zone.
LOCAL = Placement(
    crs="EPSG:4547", offset_e_m=464_123.456, offset_n_m=3_846_789.123, rotation_deg=30.0,
    swap_axes=True, anywhere=True,
)  # fmt: skip


@pytest.fixture
def file(db: None, tmp_path: Path) -> Path:
    path = tmp_path / "two.inp"
    path.write_text(TWO_PIPES)
    assert importing.apply_network(compare(path), by_id=None, only_good=False).ok
    return path


def compare(path: Path) -> importing.Import:
    options = Options(placement=LOCAL)
    return importing.check_network(path, file_name=path.name, options=options)


def draw(*steps: tuple[ChangeDeed, str, dict[str, object]]) -> None:
    from huoshui.kernel.accounts.models import User

    one, other = (
        User.objects.create(username=name, name=name, created_at=clock.now())
        for name in ("drawer", "approver")
    )
    number = facade.draw_change("as built", steps, by_id=one.pk)
    facade.submit_change(number, by_id=one.pk)
    facade.approve_change(number, by_id=other.pk)


def test_the_record_of_a_placement_can_be_read_back() -> None:
    assert Placement.as_described(LOCAL.described()) == Placement(
        crs=LOCAL.crs, offset_e_m=464_123.456, offset_n_m=3_846_789.123, rotation_deg=30.0,
        swap_axes=True,
    )  # fmt: skip


def test_a_split_pipe_calculates_as_the_whole_one_did(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.inp"
    lon, lat = Asset.objects.get(code="p2").line[1]
    name = "a code longer than EPANET takes in a name"
    draw(
        (
            ChangeDeed.SPLIT, "p2",
            {"lon": lon, "lat": lat + 1e-5, "node_code": name, "new_code": "p2-1"},
        )
    )  # fmt: skip
    exporting.export_network(out, "inp", by_id=None)

    before, after = heads_m(file, tmp_path), heads_m(out, tmp_path)
    (new,) = after.keys() - before.keys()
    assert largest_difference_m(before, {one: after[one] for one in before}) < MILLIMETRE
    assert before["A"][0] > after[new][0] > before["B"][0]
    read = reader.read(out.read_bytes())
    place = next(node.place for node in read.nodes if node.model_id == new)
    # The pipe bends at 200, 50; a hundred-thousandth of a degree is 1.1 m.
    assert place == pytest.approx((200, 50), abs=1.2)
    lengths = [link.values["length_m"] for link in read.links]
    assert sum(lengths) == pytest.approx(300.0)


def test_what_moved_stands_at_its_new_place(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.inp"
    node, line = Asset.objects.get(code="B"), Asset.objects.get(code="p2").line
    bent = [line[1][0] + 1e-4, line[1][1]]
    draw(
        (ChangeDeed.MOVE, "B", {"lon": node.lon, "lat": node.lat + 1e-4}),
        (ChangeDeed.MOVE, "p2", {"line": [line[0], line[1], bent, line[2]]}),
    )
    exporting.export_network(out, "inp", by_id=None)

    again = compare(out)
    assert not again.network.problems
    assert [(one.code, one.after) for one in again.plan.changed] == []
    assert again.plan.unchanged == 5
    assert largest_difference_m(heads_m(file, tmp_path), heads_m(out, tmp_path)) < MILLIMETRE


def pipe(code: str, start: str, end: str, **values: object) -> Asset:
    ends = [Asset.objects.get(code=one) for one in (start, end)]
    line = [[one.lon, one.lat] for one in ends]
    return Asset.objects.create(
        code=code, kind="pipe", start=ends[0], end=ends[1], line=line, **values
    )


def test_what_no_source_reaches_is_left_out_and_named(file: Path, tmp_path: Path) -> None:
    """EPANET refuses a node alone (234), and cannot solve pipes without a source (110)."""
    for number, code in enumerate(("alone", "X", "Y")):
        Asset.objects.create(code=code, kind="junction", lon=114.1 + number / 1e3, lat=34.7)
    pipe("island", "X", "Y", length_m=100, diameter_mm=100, roughness_c=120)
    out = tmp_path / "out.inp"

    outcome = exporting.export_network(out, "inp", by_id=None)

    assert (outcome.opened, outcome.solved) == (True, True)
    assert {(one.code, one.subject) for one in outcome.problems} == {
        ("network.model_unreached", code) for code in ("alone", "island", "X", "Y")
    }
    assert largest_difference_m(heads_m(file, tmp_path), heads_m(out, tmp_path)) < MILLIMETRE


def test_what_epanet_cannot_compute_is_told_with_the_asset(file: Path, tmp_path: Path) -> None:
    Asset.objects.filter(kind__in=["reservoir", "tank"]).update(status="abandoned")

    outcome = exporting.export_network(tmp_path / "out.inp", "inp", by_id=None)

    assert not outcome.solved
    assert "network.no_source" in [one.code for one in outcome.problems]
    assert all(str(one.remedy) for one in outcome.problems)


def test_assumed_values_do_not_come_back_as_facts(file: Path, tmp_path: Path) -> None:
    pipe("p9", "A", "B")
    out = tmp_path / "out.inp"

    outcome = exporting.export_network(out, "inp", by_id=None)

    assert outcome.solved
    assert outcome.assumed["diameter_mm"] == 1
    again = compare(out)
    assert [(one.code, one.after) for one in again.plan.changed if one.code != "p9"] == []
    assert importing.apply_network(again, by_id=None, only_good=False).ok
    row = Asset.objects.get(code="p9")
    assert (row.diameter_mm, row.roughness_c) == (None, None)


CLOSED = TWO_PIPES.replace("[COORDINATES]", "[STATUS]\n p2 Closed\n[COORDINATES]", 1)


class TestClosedPipes:
    def bring(self, tmp_path: Path, text: str) -> None:
        path = tmp_path / "closed.inp"
        path.write_text(text)
        assert importing.apply_network(compare(path), by_id=None, only_good=False).ok

    def stands(self, path: Path) -> str:
        project = toolkit.createproject()
        try:
            toolkit.openX(project, str(path), str(path.with_suffix(".rpt")), "")
            index = toolkit.getlinkindex(project, "p2")
            if toolkit.getlinktype(project, index) == toolkit.CVPIPE:
                return "check"
            return ("closed", "open")[int(toolkit.getlinkvalue(project, index, toolkit.INITSTATUS))]
        finally:
            toolkit.deleteproject(project)

    def test_stop_a_trace_and_come_back_in_an_export(self, db: None, tmp_path: Path) -> None:
        self.bring(tmp_path, CLOSED)
        out = tmp_path / "out.inp"

        trace = facade.trace("B", TraceDirection.UP)

        assert trace is not None
        assert trace.sources == ()
        assert Asset.objects.get(code="p2").details == {"normal_state": "closed"}
        exporting.export_network(out, "inp", by_id=None)
        assert self.stands(out) == "closed"

    @pytest.mark.parametrize("text", [CLOSED, TWO_PIPES])
    def test_are_opened_and_closed_in_the_model_as_in_the_register(
        self, db: None, tmp_path: Path, text: str
    ) -> None:
        self.bring(tmp_path, text)
        wanted = "open" if text == CLOSED else "closed"
        row = Asset.objects.get(code="p2")
        row.details = {"normal_state": wanted}
        row.save()
        out = tmp_path / "out.inp"

        exporting.export_network(out, "inp", by_id=None)

        assert self.stands(out) == wanted
        again = compare(out)
        assert [(one.code, one.after) for one in again.plan.changed] == []

    def test_are_opened_by_a_later_file(self, db: None, tmp_path: Path) -> None:
        self.bring(tmp_path, CLOSED)

        self.bring(tmp_path, CLOSED.replace("p2 Closed", "p2 Open"))

        assert Asset.objects.get(code="p2").details == {"normal_state": "open"}

    def test_a_check_valve_is_known_and_given_back(self, db: None, tmp_path: Path) -> None:
        line = next(one for one in TWO_PIPES.splitlines() if one.strip().startswith("p2 "))
        self.bring(tmp_path, TWO_PIPES.replace(line, " ".join([*line.split()[:6], "0 CV"])))

        assert Asset.objects.get(code="p2").details == {"has_check_valve": True}
        NetworkFile.objects.all().delete()
        out = tmp_path / "out.inp"
        exporting.export_network(out, "inp", by_id=None)
        assert self.stands(out) == "check"
