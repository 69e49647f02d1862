"""The child that lets GDAL read a file and writes plain arrays.

    python -m huoshui.areas.network.importing.gis_child OUT_FOLDER FILE...

Each layer becomes ``layer-N.arrow``: its fields as text or numbers, and of its geometry ``_shape``
(see SHAPES), ``_x`` and ``_y`` as lists of coordinates, ``_z`` of points. ``answer.json`` lists
the layers, or says why there are none.
"""

from __future__ import annotations

import codecs
import json
import sys
from pathlib import Path
from typing import Any

from huoshui.areas.network.importing import limited

NOTHING, POINT, LINE, AREA = 0, 1, 2, 3
LAYERS_AT_MOST = 500
FEATURES_AT_MOST = 1_500_000
FIELDS_AT_MOST = 300
SNIFFED_BYTES = 1_000_000


def shapes_of(geometry: Any) -> tuple[Any, Any, Any, Any]:
    """Return kind, coordinates x and y as lists, and z of points, of an array of geometries."""
    import numpy as np
    import pyarrow as pa
    import shapely

    kinds = shapely.get_type_id(geometry)
    many = np.isin(kinds, (4, 5, 6)) & (shapely.get_num_geometries(geometry) == 1)
    geometry = np.where(many, shapely.get_geometry(geometry, 0), geometry)
    # Pieces that meet end to end are one line; those that do not stay apart and are refused.
    broken = shapely.get_type_id(geometry) == 5
    if broken.any():
        geometry = geometry.copy()
        geometry[broken] = shapely.line_merge(geometry[broken])
    kinds = shapely.get_type_id(geometry)
    empty = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    shape = np.zeros(len(geometry), dtype=np.int8)
    shape[(kinds == 0) & ~empty] = POINT
    shape[np.isin(kinds, (1, 2)) & ~empty] = LINE
    shape[(kinds == 3) & ~empty] = AREA
    drawn = np.array(geometry, dtype=object)
    areas = shape == AREA
    drawn[areas] = shapely.get_exterior_ring(drawn[areas])
    drawn[shape == NOTHING] = None
    coordinates, index = shapely.get_coordinates(drawn, return_index=True)
    counts = np.bincount(index, minlength=len(drawn)) if len(drawn) else np.zeros(0, dtype=int)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    x = pa.ListArray.from_arrays(
        pa.array(offsets), pa.array(np.ascontiguousarray(coordinates[:, 0]))
    )
    y = pa.ListArray.from_arrays(
        pa.array(offsets), pa.array(np.ascontiguousarray(coordinates[:, 1]))
    )
    z = np.full(len(drawn), np.nan)
    points = shape == POINT
    z[points] = shapely.get_z(drawn[points])
    return pa.array(shape), x, y, pa.array(z)


def plain(column: Any) -> Any:
    """Return a column as whole numbers, numbers or text; None for what is none of these."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    if pa.types.is_boolean(kind):
        return pc.cast(pc.cast(column, pa.int8()), pa.string())
    if pa.types.is_integer(kind):
        return pc.cast(column, pa.int64(), safe=False)
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return pc.cast(column, pa.float64())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pc.cast(column, pa.string())
    if pa.types.is_temporal(kind):
        return pc.cast(column, pa.string())
    return None


def encoding_of(source: str) -> str:
    """Return how a drawing's or a shapefile's text is encoded where the file does not say it.

    Both formats fall back on Latin-1, which no Chinese office writes.
    """
    path = Path(source)
    if path.suffix == ".shp":
        table = path.with_suffix(".dbf")
        if path.with_suffix(".cpg").exists() or not table.exists():
            return ""
        with table.open("rb") as handle:
            head = handle.read(SNIFFED_BYTES)
        # Byte 29 names the code page of the table.
        return "" if len(head) < 32 or head[29] else text_encoding(head[32:])
    if path.suffix == ".dxf":
        with path.open("rb") as handle:
            head = handle.read(SNIFFED_BYTES)
        return "" if b"$DWGCODEPAGE" in head or b"$ACADVER" in head else text_encoding(head)
    return ""


def text_encoding(head: bytes) -> str:
    """Return UTF-8 if it can be that, else the encoding of Chinese Windows."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(head)  # not final: the last character may be cut
    except UnicodeDecodeError:
        return "CP936"
    return "UTF-8"


def recoded(column: Any, encoding: str) -> Any:
    """Return text that GDAL took for Latin-1 as what it is; all else as it was."""
    import pyarrow as pa

    if not encoding or not pa.types.is_string(column.type):
        return column
    known: dict[str | None, str | None] = {None: None}
    for text in column.unique().to_pylist():
        try:
            known[text] = text.encode("latin-1").decode(encoding) if text else text
        except UnicodeError:
            known[text] = text
    return pa.array([known[text] for text in column.to_pylist()], pa.string())


def read_layer(source: str, layer: str, number: int, out: Path) -> dict[str, Any]:
    """Read one layer and write its arrays; return what it is."""
    import pyarrow as pa
    import pyogrio  # type: ignore[import-untyped]
    import shapely

    encoding = encoding_of(source)
    drawn_in, encoding = (encoding, "") if source.endswith(".dxf") else ("", encoding)
    meta, table = pyogrio.read_arrow(
        source, layer=layer, max_features=FEATURES_AT_MOST, encoding=encoding or None
    )
    name = meta["geometry_name"] or "wkb_geometry"
    columns: dict[str, Any] = {}
    for field in table.column_names[:FIELDS_AT_MOST]:
        if field == name:
            continue
        values = plain(table.column(field).combine_chunks())
        if values is not None:
            columns[f"f:{field}"] = recoded(values, drawn_in)
    if name in table.column_names:
        wkb = table.column(name).to_numpy(zero_copy_only=False)
        geometry = shapely.from_wkb(wkb, on_invalid="ignore")
        shape, x, y, z = shapes_of(geometry)
        columns |= {"_shape": shape, "_x": x, "_y": y, "_z": z}
    written = pa.table(columns)
    with (
        pa.OSFile(str(out / f"layer-{number}.arrow"), "wb") as sink,
        pa.ipc.new_file(sink, written.schema) as writer,
    ):
        writer.write_table(written)
    return {
        "file": f"layer-{number}.arrow",
        "name": layer,
        "crs": str(meta["crs"] or ""),
        "features": table.num_rows,
        "has_shapes": "_shape" in columns,
    }


def main(out_folder: str, *sources: str) -> int:
    """Read every layer of every file and write the answer."""
    limited.bind()
    import pyogrio

    out = Path(out_folder)
    answer: dict[str, Any] = {"layers": [], "problems": []}
    for source in sources:
        try:
            names = [str(one) for one in pyogrio.list_layers(source)[:, 0]]
        except MemoryError:
            return limited.MEMORY_EXIT
        except Exception as problem:  # GDAL's own words, of any class
            answer["problems"].append(["layer_unreadable", Path(source).name, str(problem)[:300]])
            continue
        for layer in names[:LAYERS_AT_MOST]:
            try:
                number = len(answer["layers"])
                answer["layers"].append(read_layer(source, layer, number, out))
            except MemoryError:
                return limited.MEMORY_EXIT
            except Exception as problem:
                answer["problems"].append(["layer_unreadable", layer, str(problem)[:300]])
    (out / "answer.json").write_text(json.dumps(answer), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
