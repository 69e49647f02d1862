"""Lines of any file of a geographic information system, for areas that keep lines of their own."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from huoshui.areas.network import queries
from huoshui.areas.network.contracts import Courses, FileLines, ImportProblem
from huoshui.areas.network.importing import coordinates, gis, gis_child, limited, sniff, source
from huoshui.areas.network.importing.coordinates import Placement
from huoshui.areas.network.importing.layers import LINE, POINT

PROBLEMS_AT_MOST = 20_000
READ = (sniff.GPKG, sniff.SHAPEFILE, sniff.GEOJSON)


class _Reading:
    """The lines of one file as they are found, in the file's own coordinates."""

    def __init__(self) -> None:
        self.problems: list[ImportProblem] = []
        self.crs = ""
        self.pieces: list[Any] = []
        self.rows: list[tuple[str, int]] = []
        self.fields: dict[str, list[Any]] = {}

    def tell(self, code: str, *, fatal: bool = True, **more: Any) -> None:
        if len(self.problems) < PROBLEMS_AT_MOST:
            self.problems.append(ImportProblem(code=code, fatal=fatal, **more))

    @property
    def is_refused(self) -> bool:
        """Whether a problem is of the whole file, not of one row."""
        return any(one.fatal and one.line is None for one in self.problems)

    def take(self, layer: gis.Layer) -> None:
        """Take the lines of a layer; a row that is none is told and left out."""
        if self.crs and layer.crs and layer.crs != self.crs:
            return self.tell(
                "layers_differ_in_crs", fatal=False, section=layer.name, value=layer.crs[:40]
            )
        self.crs = self.crs or layer.crs
        for name in layer.fields:
            self.fields.setdefault(name, [None] * len(self.rows))
        for row in layer.rows.tolist():
            xy = layer.xy[layer.offsets[row] : layer.offsets[row + 1]]
            shape = int(layer.shape[row])
            if shape == POINT:
                continue  # junctions and labels that stand beside the lines
            if shape != LINE or len(xy) < 2 or not np.isfinite(xy).all():
                code = "bad_coordinate" if shape == LINE else "shape_missing"
                self.tell(code, section=layer.name, line=row + 1)
                continue
            self.pieces.append(xy)
            self.rows.append((layer.name, row + 1))
            for name, values in self.fields.items():
                known = layer.columns.get(name)
                values.append(None if known is None else known[row])
        return None


def read(path: Path, *, name: str, crs: str = "") -> FileLines:
    """Read the lines of a GeoPackage, Shapefile or GeoJSON; problems are in it, never raised."""
    reading = _Reading()
    with tempfile.TemporaryDirectory(prefix="huoshui-lines-") as folder, \
            tempfile.TemporaryDirectory(prefix="huoshui-gis-") as out:  # fmt: skip
        found = sniff.prepare(path, Path(folder), name=name)
        reading.problems += found.problems
        if not found.form or found.path is None or found.form not in READ:
            if found.form:
                reading.tell("format_unknown", value=name)
            return _answer(reading, path, crs)
        befell = limited.run(
            gis_child.__name__, out, *([str(one) for one in found.shapes] or [str(found.path)])
        )
        answer = Path(out, "answer.json")
        if befell or not answer.exists():
            reading.tell(befell or limited.CRASHED)
            return _answer(reading, path, crs)
        told = json.loads(answer.read_text(encoding="utf-8"))
        for code, layer, words in told["problems"]:
            reading.tell(code, fatal=False, section=layer, value=words)
        for about in told["layers"]:
            if about["has_shapes"]:
                reading.take(gis.opened(about, Path(out, about["file"])))
    return _answer(reading, path, crs)


def _answer(reading: _Reading, path: Path, crs: str) -> FileLines:
    """Return what was read, in longitude and latitude."""
    counts = [len(one) for one in reading.pieces]
    own = np.concatenate(reading.pieces) if reading.pieces else np.empty((0, 2))
    lonlat = np.empty((0, 2))
    if not reading.pieces:
        if not reading.is_refused:
            reading.tell("no_lines")
    else:
        placement = Placement(crs=crs)
        chosen, told = coordinates.choose(placement, reading.crs, own)
        reading.problems += told
        if chosen:
            lonlat, wrong = coordinates.lonlat_of(placement, chosen, own)
            reading.problems += wrong or coordinates.sanity(
                lonlat, register=queries.bounds(), anywhere=False
            )
            if not wrong and not np.isfinite(lonlat).all():
                reading.tell("outside_the_world")
    version = source.sha256_of(path) if path.exists() else ""
    offsets = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
    empty = reading.is_refused or not len(lonlat)
    return FileLines(
        courses=Courses(
            version=version,
            lon=np.empty(0) if empty else lonlat[:, 0],
            lat=np.empty(0) if empty else lonlat[:, 1],
            offsets=np.zeros(1, np.int64) if empty else offsets,
        ),
        rows=() if empty else tuple(reading.rows),
        fields={} if empty else {name: tuple(one) for name, one in reading.fields.items()},
        problems=tuple(reading.problems),
    )
