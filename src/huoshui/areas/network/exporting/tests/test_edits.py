"""Models given out after people changed the network: drawn where it is, calculated as before."""

from __future__ import annotations

from pathlib import Path

import pytest

from huoshui.areas.network import facade
from huoshui.areas.network.actions import exporting, importing
from huoshui.areas.network.contracts import ChangeDeed
from huoshui.areas.network.exporting.tests.test_inp import (
    MILLIMETRE,
    heads_m,
    largest_difference_m,
)
from huoshui.areas.network.importing import inp as reader
from huoshui.areas.network.importing.coordinates import Placement
from huoshui.areas.network.importing.source import Options
from huoshui.areas.network.importing.tests.test_inp import TWO_PIPES
from huoshui.areas.network.models import Asset
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
