"""Reading GIS files and drawings: layers and fields by name, ends joined, valves put in."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyogrio
import pytest
import shapely

from huoshui.areas.network.importing import source
from huoshui.areas.network.importing.coordinates import Placement
from huoshui.areas.network.importing.model import ReadNetwork
from huoshui.areas.network.importing.source import Options

ZONE_38 = "EPSG:4526"
EAST, NORTH = 38_463_000.0, 3_847_000.0


def write(path: Path, layer: str, shapes: list[Any], crs: str | None = ZONE_38, **fields) -> None:
    """Write one layer; coordinates of ``shapes`` are metres from (EAST, NORTH)."""
    kind = shapes[0].geom_type
    table = pa.table(fields | {"geometry": pa.array(shapely.to_wkb(shapes).tolist(), pa.binary())})
    driver = {".gpkg": "GPKG", ".shp": "ESRI Shapefile"}[path.suffix]
    pyogrio.write_arrow(
        table, path, layer=layer, driver=driver, geometry_type=kind, crs=crs,
        geometry_name="geometry", append=path.exists(),
        **({"layer_options": {"ENCODING": "UTF-8"}} if driver == "ESRI Shapefile" else {}),
    )  # fmt: skip


def line(*places: tuple[float, float]) -> Any:
    return shapely.LineString([(EAST + x, NORTH + y) for x, y in places])


def point(x: float, y: float) -> Any:
    return shapely.Point(EAST + x, NORTH + y)


def town(path: Path) -> Path:
    r"""Write a town as a survey office would.

    W1 --P1--+--P2--(V1)--P3-- end of P3
             |
             P4, drawn 0.2 m short of the node
    """
    write(
        path, "给水管线", [
            line((0, 0), (100, 0)), line((100, 0), (150, 20), (200, 0)),
            line((200, 0), (300, 0)), line((100.2, 0.1), (100, -80)),
        ],
        管段编号=["P1", "P2", "P3", "P4"], 管径=["DN300", "200", "DN200", "一百"],
        材质=["球墨铸铁", "PE", "钢管", "木"], 建设年份=[1998, 2005, 0, 2010],
        分区=["一区", "一区", "一区", None],
    )  # fmt: skip
    write(path, "水厂", [point(0, 0)], 编号=["W1"], 高程=[88.5])
    write(path, "管线点", [point(100, 0)], 编号=["J1"], 高程=[70.0])
    write(path, "阀门", [point(200, 0.1)], 编号=["V1"], 口径=[200])
    write(path, "用户", [point(20, 10)], 编号=["C1"])
    return path


def read(path: Path, **options: Any) -> ReadNetwork:
    return source.read(path, Options(**options))


def codes(network: ReadNetwork, *, fatal: bool | None = None) -> list[str]:
    return [one.code for one in network.problems if fatal is None or one.fatal is fatal]


class TestRead:
    @pytest.fixture(scope="class")
    @staticmethod
    def network(tmp_path_factory) -> ReadNetwork:
        return read(town(tmp_path_factory.mktemp("town") / "town.gpkg"))

    def test_understands_layers_by_their_names(self, network: ReadNetwork):
        taken = {one["layer"]: one["kind"] for one in network.layers}

        assert taken == {
            "给水管线": "pipe", "水厂": "reservoir", "管线点": "junction", "阀门": "valve",
            "用户": "ignore",
        }  # fmt: skip

    def test_understands_fields_by_their_names(self, network: ReadNetwork):
        values = {one.model_id: one.values for one in network.links}

        assert values["P1"] == {
            "diameter_mm": 300.0, "material": "ductile_iron", "laid_year": 1998, "zone": "一区",
        }  # fmt: skip
        assert values["P2"]["material"] == "pe"
        assert values["V1"]["diameter_mm"] == 200.0

    def test_names_values_that_mean_nothing(self, network: ReadNetwork):
        told = {
            (one.column, one.value, one.line)
            for one in network.problems
            if one.code.startswith("value_")
        }

        assert told == {("管径", "一百", 4), ("材质", "木", 4), ("建设年份", "0", 3)}

    def test_joins_ends_within_the_tolerance(self, network: ReadNetwork):
        ends = {one.model_id: (one.start, one.end) for one in network.links}

        assert ends["P1"] == ("W1", "J1")
        assert ends["P2"][0] == ends["P4"][0] == "J1"

    def test_puts_a_valve_between_two_nodes(self, network: ReadNetwork):
        ends = {one.model_id: (one.start, one.end) for one in network.links}

        assert ends["V1"] == ("V1.1", "V1.2")
        assert ends["P2"][1] == "V1.1"
        assert ends["P3"][0] == "V1.2"

    def test_makes_nodes_where_none_was_drawn(self, network: ReadNetwork):
        made = [one for one in network.problems if one.code == "nodes_made"]

        assert [one.value for one in made] == ["2"]

    def test_reads_bends_and_the_coordinate_system(self, network: ReadNetwork):
        bends = next(one.bends for one in network.links if one.model_id == "P2")

        assert bends == ((EAST + 150, NORTH + 20),)
        assert network.crs == ZONE_38
        assert codes(network, fatal=True) == []

    def test_gives_the_same_the_second_time(self, network: ReadNetwork, tmp_path: Path):
        again = read(town(tmp_path / "again.gpkg"))

        assert [one.model_id for one in again.nodes] == [one.model_id for one in network.nodes]
        assert again.links == network.links

    def test_takes_a_zipped_shapefile(self, tmp_path: Path):
        shape = tmp_path / "pipes.shp"
        write(shape, "pipes", [line((0, 0), (50, 0)), line((50, 0), (50, 60))], code=["A", "B"])
        packed = tmp_path / "pipes.zip"
        with zipfile.ZipFile(packed, "w") as archive:
            for part in tmp_path.glob("pipes.*"):
                if part.suffix != ".zip":
                    archive.write(part, f"some folder/{part.name}")
        network = read(packed)

        assert [one.model_id for one in network.links] == ["A", "B"]
        assert network.links[0].end == network.links[1].start

    @pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
    def test_takes_a_drawing_by_its_layers(self, encoding: str, tmp_path: Path):
        drawing = tmp_path / "plan.dxf"
        text = dxf([
            ("给水", (0, 0, 50, 0)), ("给水", (50, 0, 50, 60)), ("道路", (0, 5, 90, 5)),
        ])  # fmt: skip
        drawing.write_bytes(text.encode(encoding))
        network = read(drawing, placement=Placement(crs=ZONE_38))

        assert {one["layer"]: one["kind"] for one in network.layers} == {
            "给水": "pipe", "道路": "ignore",
        }  # fmt: skip
        assert len(network.links) == 2
        assert read(drawing, layers={"道路": "pipe", "*": "ignore"}).links[0].bends == ()

    def test_cuts_a_pipe_at_a_node_on_it(self, tmp_path: Path):
        path = tmp_path / "cut.gpkg"
        write(path, "pipe", [line((0, 0), (100, 0))], code=["P"], length_m=[120.0])
        write(path, "hydrant", [point(25, 0.3)], code=["H"])
        network = read(path)

        lengths = {one.model_id: one.values["length_m"] for one in network.links}
        assert lengths == {"P": 30.0, "P-2": 90.0}
        assert [(one.subject, one.value) for one in network.problems if one.code == "pipe_cut"] == [
            ("P", "H")
        ]

    def test_leaves_out_what_cannot_be_and_keeps_the_rest(self, tmp_path: Path):
        path = tmp_path / "odd.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": [
            feature("LineString", [[113.6, 34.7], [113.61, 34.7]], code="good", kind="pipe"),
            feature("LineString", [[113.6, 34.7], [113.61, 34.71]], code="good", kind="pipe"),
            feature("Polygon", [[[113, 34], [114, 34], [114, 35], [113, 34]]], code="area",
                    kind="pipe"),
            feature("LineString", [[113.6, 34.7], [113.6, 34.7]], code="dot", kind="pipe"),
            feature("Point", [113.7, 34.7], code="lonely", kind="valve"),
            {"type": "Feature", "geometry": None, "properties": {"code": "none", "kind": "pipe"}},
        ]}))  # fmt: skip
        network = read(path)

        assert [one.model_id for one in network.links] == ["good"]
        left_out = {(one.subject, one.code) for one in network.problems if one.fatal}
        assert left_out == {
            ("good", "duplicate_code"), ("area", "shape_is_area"), ("dot", "same_ends"),
            ("lonely", "valve_off_pipe"), ("none", "shape_missing"),
        }  # fmt: skip


def feature(shape: str, places: Any, **properties: Any) -> dict[str, Any]:
    geometry = {"type": shape, "coordinates": places}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def dxf(lines: list[tuple[str, tuple[float, float, float, float]]]) -> str:
    """Return a small drawing in the oldest form of the format."""
    parts = ["0\nSECTION\n2\nENTITIES"]
    for layer, (a, b, c, d) in lines:
        parts.append(
            f"0\nLINE\n8\n{layer}\n10\n{EAST + a}\n20\n{NORTH + b}\n30\n0\n"
            f"11\n{EAST + c}\n21\n{NORTH + d}\n31\n0"
        )
    return "\n".join([*parts, "0\nENDSEC\n0\nEOF\n"])
