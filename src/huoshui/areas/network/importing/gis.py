"""Read GeoPackage, Shapefile, GeoJSON and DXF: layers to assets, fields to attributes."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from huoshui.areas.network import attributes
from huoshui.areas.network.contracts import LINK_KINDS, ImportProblem, Kind
from huoshui.areas.network.importing import gis_child, layers, limited, topology
from huoshui.areas.network.importing.coordinates import Placement
from huoshui.areas.network.importing.layers import AREA, IGNORE, LINE, POINT
from huoshui.areas.network.importing.model import ReadNetwork
from huoshui.areas.network.importing.sniff import DXF, Source

CODE_LENGTH_MAX = 64
PROBLEMS_AT_MOST = 200_000
TEXT_LENGTH_MAX = 200


def read(
    source: Source, *, told: Mapping[str, str], tolerance_m: float, placement: Placement
) -> ReadNetwork:
    """Read a file through GDAL in a child process; problems are in the result, never raised."""
    network = ReadNetwork(format=source.form)
    with tempfile.TemporaryDirectory(prefix="huoshui-gis-") as folder:
        files = [str(one) for one in source.shapes] or [str(source.path)]
        befell = limited.run(gis_child.__name__, folder, *files)
        answer = Path(folder, "answer.json")
        if befell or not answer.exists():
            return network.refuse(befell or limited.CRASHED)
        found = json.loads(answer.read_text(encoding="utf-8"))
        for code, layer, words in found["problems"]:
            network.problems.append(
                ImportProblem(code=code, fatal=False, subject=layer, text=words)
            )
        reading = Reading(network, source.form, told)
        for layer in found["layers"]:
            reading.take(layer, Path(folder, layer["file"]))
    reading.sort_out()
    if not reading.parts.lines:
        return network.refuse("no_pipes")
    topology.join(network, reading.parts, tolerance_m=tolerance_m, placement=placement)
    if not network.links and not network.refused:
        return network.refuse("not_a_network")
    return network


class Layer:
    """One layer as the child wrote it."""

    def __init__(self, name: str, crs: str, table: Any) -> None:
        self.name, self.crs = name, crs
        self.fields = [one[2:] for one in table.column_names if one.startswith("f:")]
        self.columns: dict[str, list[Any]] = {
            one: table.column(f"f:{one}").to_pylist() for one in self.fields
        }
        self.shape = np.asarray(table.column("_shape"), dtype=np.int8)
        self.z = np.asarray(table.column("_z"), dtype=float)
        x, y = (table.column(one).combine_chunks() for one in ("_x", "_y"))
        self.offsets = np.asarray(x.offsets)
        self.xy = np.column_stack([np.asarray(x.values), np.asarray(y.values)])
        self.rows = np.arange(len(self.shape))
        self.kind = ""

    def part(self, name: str, rows: Any) -> Layer:
        """Return the rows of one layer of a drawing, under its own name."""
        part = object.__new__(Layer)
        part.__dict__.update(self.__dict__)
        part.name, part.rows = name, rows
        return part

    @property
    def shapes(self) -> set[int]:
        """The kinds of shapes in it."""
        return set(np.unique(self.shape[self.rows]).tolist()) - {0}


def opened(about: Mapping[str, Any], path: Path) -> Layer:
    """Return a layer with shapes that the child wrote to a file."""
    import pyarrow as pa

    with pa.memory_map(str(path)) as file:
        table = pa.ipc.open_file(file).read_all()
        table.validate(full=True)
        return Layer(about["name"], about["crs"], table)


class Reading:
    """One reading of one file."""

    def __init__(self, network: ReadNetwork, form: str, told: Mapping[str, str]) -> None:
        self.network, self.form, self.told = network, form, told
        self.layers: list[Layer] = []
        self.parts = topology.Parts()
        self.columns: set[str] = set()

    def tell(self, code: str, *, layer: str, row: int | None = None, **more: Any) -> None:
        """Note a problem of one row of one layer."""
        if len(self.network.problems) < PROBLEMS_AT_MOST:
            line = None if row is None else int(row) + 1
            self.network.problems.append(
                ImportProblem(code=code, section=layer, line=line, **({"fatal": True} | more))
            )

    def take(self, about: dict[str, Any], path: Path) -> None:
        """Take one layer in; the layers of a drawing stand in a field of one table."""
        if not about["has_shapes"]:
            self.network.layers.append(self._shown(about["name"], IGNORE, about["features"], ""))
            return
        layer = opened(about, path)
        if not self.network.crs and layer.shapes:
            self.network.crs = layer.crs
        elif layer.crs and layer.shapes and layer.crs != self.network.crs:
            self.tell("layers_differ_in_crs", layer=layer.name, value=layer.crs[:40])
            return
        if self.form != DXF or "Layer" not in layer.columns:
            self.layers.append(layer)
            return
        names = np.array([one or "0" for one in layer.columns["Layer"]], dtype=object)
        texts = np.array([bool(one) for one in layer.columns.get("Text", [""] * len(names))])
        for name in sorted(set(names.tolist())):
            self.layers.append(layer.part(name, np.flatnonzero((names == name) & ~texts)))

    @staticmethod
    def _shown(name: str, kind: str, rows: int, shapes: str) -> dict[str, Any]:
        return {"layer": name, "kind": kind, "rows": int(rows), "shapes": shapes}

    def sort_out(self) -> None:
        """Decide what each layer holds, then read its rows."""
        for layer in self.layers:
            layer.kind = layers.kind_of_layer(layer.name, layer.shapes, self.told)
        has_pipes = any(layer.kind == Kind.PIPE for layer in self.layers)
        for layer in self.layers:
            if not layer.kind:
                # Nameless lines are pipes only where nothing else is: else they are the city's.
                others = has_pipes and (self.form == DXF or layer.shapes & {AREA})
                layer.kind = IGNORE if others else layers.kind_of_shape(layer.shapes)
            shapes = ", ".join(layers.SHAPE_NAMES[one] for one in sorted(layer.shapes))
            self.network.layers.append(self._shown(layer.name, layer.kind, len(layer.rows), shapes))
            if layer.kind != IGNORE:
                self._rows(layer)
        self.network.columns = frozenset(self.columns)

    def _rows(self, layer: Layer) -> None:
        named = layers.meanings(layer.fields)
        roles = {one.role: layer.columns[one.field] for one in named if one.role}
        given = [one for one in named if one.attribute is not None]
        columns = [self._parsed(layer, one) for one in given]
        names = [one.attribute.code for one in given if one.attribute is not None]
        self.columns.update(names)
        if roles.get("zone"):
            self.columns.add("zone")
        kinds = roles.get("kind")
        words = {one: layers.kind_of_word(one) for one in set(kinds)} if kinds else {}
        codes = roles.get("code")
        if codes is None:
            self.tell("codes_made", layer=layer.name, fatal=False)
        starts, ends, zones = roles.get("start"), roles.get("end"), roles.get("zone")
        for row in layer.rows.tolist():
            shape = int(layer.shape[row])
            kind = (kinds and words.get(kinds[row])) or layer.kind
            code = str(codes[row]).strip() if codes and codes[row] not in (None, "") else ""
            code = code or f"{layer.name}-{row + 1}"
            if self.form == DXF:
                code = f"{layer.name}-{code}"
            values = {
                name: column[row]
                for name, column in zip(names, columns, strict=True)
                if column[row] is not None
            }
            if zones and zones[row] not in (None, ""):
                values["zone"] = str(zones[row]).strip()[:CODE_LENGTH_MAX]
            xy = layer.xy[layer.offsets[row] : layer.offsets[row + 1]]
            if self._impossible(layer, row, code, shape, xy):
                continue
            if shape == POINT:
                self._point(layer, row, kind, code, xy[0], values)
            elif kind in LINK_KINDS:
                start = str(starts[row]).strip() if starts and starts[row] is not None else ""
                end = str(ends[row]).strip() if ends and ends[row] is not None else ""
                self.parts.lines.append(
                    topology.Drawn(code, kind, xy, values, layer.name, row + 1, start, end)
                )
            else:
                self.tell("line_for_a_node", layer=layer.name, row=row, subject=code, value=kind)

    def _impossible(self, layer: Layer, row: int, code: str, shape: int, xy: Any) -> bool:
        if len(code) > CODE_LENGTH_MAX:
            self.tell("code_too_long", layer=layer.name, row=row, value=code, subject=code[:64])
            return True
        if shape not in (POINT, LINE):
            wrong = "shape_missing" if shape == 0 else "shape_is_area"
            self.tell(wrong, layer=layer.name, row=row, subject=code)
            return True
        if not np.isfinite(xy).all():
            self.tell("bad_coordinate", layer=layer.name, row=row, subject=code)
            return True
        return False

    def _point(
        self, layer: Layer, row: int, kind: str, code: str, xy: Any, values: dict[str, Any]
    ) -> None:
        z = float(layer.z[row])
        if "elevation_m" not in values and math.isfinite(z) and z != 0 and kind not in LINK_KINDS:
            values["elevation_m"] = round(z, 4)
            self.columns.add("elevation_m")
        if kind == Kind.PIPE:
            self.tell("point_for_a_pipe", layer=layer.name, row=row, subject=code)
            return
        one = topology.Drawn(code, kind, xy.reshape(1, 2), values, layer.name, row + 1)
        (self.parts.in_line if kind in LINK_KINDS else self.parts.nodes).append(one)

    def _parsed(self, layer: Layer, meaning: layers.Meaning) -> list[Any]:
        """Return a field's values as the attribute has them; tells of those that cannot be."""
        attribute = meaning.attribute
        assert attribute is not None
        known: dict[Any, Any] = {}
        parsed: list[Any] = []
        rows = set(layer.rows.tolist()) if len(layer.rows) < len(layer.shape) else None
        for row, given in enumerate(layer.columns[meaning.field]):
            if given is None or given == "" or (rows is not None and row not in rows):
                parsed.append(None)
                continue
            if given not in known:
                known[given] = value_of(attribute, given)
            value, code = known[given]
            if code:
                self.tell(code, layer=layer.name, row=row, fatal=False, column=meaning.field,
                          value=str(given)[:80])  # fmt: skip
            parsed.append(value)
        return parsed


def value_of(attribute: attributes.Attribute, given: Any) -> tuple[Any, str]:
    """Return the value that a cell means, and "" or the code of what is wrong with it."""
    kind = attribute.type
    if isinstance(given, float) and not math.isfinite(given):
        return None, ""
    text = str(given).strip()
    if isinstance(given, float) and kind is not attributes.Type.NUMBER and given.is_integer():
        text = str(int(given))
    if kind is attributes.Type.NUMBER:
        text = text.upper().removeprefix("DN").removeprefix("DE").removesuffix("MM")
        # Zero is how many programs write "not known".
        if text in ("0", "0.0") and attribute.low:
            return None, ""
    try:
        value = attributes.parse(attribute, text)
    except ValueError:
        return None, "value_not_understood"
    if value is None:
        return None, ""
    if attributes.impossible(attribute, value) is not None:
        return None, "value_impossible"
    return attributes.stored(value), ""
